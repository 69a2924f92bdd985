import type { Random } from './random.ts';

/** A changed value and the class of its change. */
export interface Changed<T> {
  readonly kind: string;
  readonly value: T;
}

const lookalikes: ReadonlyMap<string, string> = new Map([
  ['a', 'а'],
  ['e', 'е'],
  ['o', 'о'],
  ['p', 'р'],
  ['c', 'с'],
  ['x', 'х'],
  ['i', 'і'],
  ['s', 'ѕ'],
  ['1', 'l'],
  ['0', 'O'],
  ['-', '‐'],
  ['.', '․'],
  ['/', '∕'],
  [':', '։'],
  [' ', '\u00a0'],
]);

function replaceAt(text: string, at: number, by: string): string {
  return text.slice(0, at) + by + text.slice(at + 1);
}

function flipBit(text: string, random: Random): string {
  const at = random.below(text.length);
  return replaceAt(text, at, String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(16))));
}

function otherCase(text: string, random: Random): string {
  const letters = [...text].flatMap((letter, at) => (letter.toLowerCase() === letter.toUpperCase() ? [] : [at]));
  const at = letters[random.below(letters.length)];
  if (at === undefined) return text;
  const letter = text.charAt(at);
  return replaceAt(text, at, letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
}

function lookalike(text: string, random: Random): string {
  const places = [...text].flatMap((letter, at) => (lookalikes.has(letter) ? [at] : []));
  const at = places[random.below(places.length)];
  return at === undefined ? text : replaceAt(text, at, lookalikes.get(text.charAt(at)) ?? '');
}

/** The text changed in every class of ways; equal texts are left out. */
export function textMutants(text: string, random: Random): Changed<string>[] {
  const at = random.below(text.length + 1);
  const insert = (what: string): string => text.slice(0, at) + what + text.slice(at);
  const made: Changed<string>[] = [
    { kind: 'bit', value: text === '' ? '\u0001' : flipBit(text, random) },
    { kind: 'case', value: otherCase(text, random) },
    { kind: 'normal form', value: text.normalize(random.pick(['NFC', 'NFD', 'NFKC', 'NFKD'])) },
    { kind: 'white space', value: random.pick([`${text} `, ` ${text}`, `${text}\n`, insert('\t'), text.trim()]) },
    { kind: 'lookalike', value: lookalike(text, random) },
    { kind: 'invisible', value: insert(random.pick(['\u200b', '\u202e', '\ufeff', '\u00ad', '\u{e0041}', '\0'])) },
    { kind: 'length', value: random.pick([text.slice(0, -1), text.slice(1), text + text, insert('x'), '']) },
  ];
  return made.filter(({ value }) => value !== text);
}

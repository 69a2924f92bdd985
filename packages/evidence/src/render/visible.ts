import { invisibleRanges } from './invisible-ranges.ts';

function codeUnitClass(): string {
  const spelled = (codePoint: number) => `\\u{${codePoint.toString(16)}}`;
  return invisibleRanges.map(([first, last]) => `${spelled(first)}-${spelled(last)}`).join('');
}

const numbered = '(?:[0-9A-F]{4,5}|10[0-9A-F]{4})';
// The `u` flag matches whole code points, so only a surrogate without its partner falls into the surrogate range.
const hidden = new RegExp(`[${codeUnitClass()}]|\\\\(?=r|u\\{${numbered}\\})`, 'gu');
const hiddenOnLine = new RegExp(`[\\n\\t${codeUnitClass()}]|\\\\(?=[rnt]|u\\{${numbered}\\})`, 'gu');
const escaped = new RegExp(`\\\\(r|u\\{${numbered}\\})`, 'g');
const escapedOnLine = new RegExp(`\\\\([rnt]|u\\{${numbered}\\})`, 'g');
const letters = new Map([
  ['\r', '\\r'],
  ['\n', '\\n'],
  ['\t', '\\t'],
]);
const lettersBack = new Map([
  ['r', '\r'],
  ['n', '\n'],
  ['t', '\t'],
]);

function spell(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  return letters.get(character) ?? `\\u{${codePoint.toString(16).toUpperCase().padStart(4, '0')}}`;
}

function unspell(_: string, spelled: string): string {
  // The number ends where its brace does.
  return lettersBack.get(spelled) ?? String.fromCodePoint(Number.parseInt(spelled.slice('u{'.length), 16));
}

/**
 * The text so that nothing in it can deceive the eye: every code point of `invisibleRanges`, lone surrogates included,
 * is written `\u{XXXX}` and a carriage return `\r`; newline and tab stay as they are.
 *
 * Two texts never look the same: a backslash that would read as an escape is written `\u{005C}`, every other one stays.
 * `unvisible` gives the text back.
 */
export function visible(text: string): string {
  return text.replace(hidden, spell);
}

/** `visible` for one line: a newline is written `\n` and a tab `\t` as well. `unvisibleLine` gives the text back. */
export function visibleLine(text: string): string {
  return text.replace(hiddenOnLine, spell);
}

/** The text that `visible` was given. */
export function unvisible(shown: string): string {
  return shown.replace(escaped, unspell);
}

/** The text that `visibleLine` was given. */
export function unvisibleLine(shown: string): string {
  return shown.replace(escapedOnLine, unspell);
}

import type { Json } from '@countersign/protocol';
import type { InputGrammar } from '../grammar/input-grammar.ts';
import { isPathLike, pathOf } from './paths.ts';
import { phrasesAt, type Tagged } from './tagged.ts';

/** A value read from tokens, and how many of them it took. */
export interface ReadValue {
  readonly value: Json;
  readonly length: number;
}

function meaningAt<Kind extends 'number' | 'unit'>(tokens: readonly Tagged[], at: number, kind: Kind) {
  return phrasesAt(tokens, at).find(({ meaning, length }) => meaning.kind === kind && length === 1)?.meaning ?? null;
}

function numberAt(tokens: readonly Tagged[], at: number): number | null {
  const token = tokens[at];
  if (token?.kind === 'number') return Number(token.text);
  const meaning = meaningAt(tokens, at, 'number');
  return meaning?.kind === 'number' ? meaning.value : null;
}

function unitAt(tokens: readonly Tagged[], at: number): string | null {
  const meaning = meaningAt(tokens, at, 'unit');
  return meaning?.kind === 'unit' ? meaning.unit : null;
}

const compact = /^(?:\d{1,9}[dhms])+$/;
const secondsIn: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function secondsOf(duration: string): number {
  let seconds = 0;
  for (const [, count = '0', unit = 's'] of duration.matchAll(/(\d+)([dhms])/g)) {
    seconds += Number(count) * (secondsIn[unit] ?? 0);
  }
  return seconds;
}

/** A duration such as `10m`, `2 hours`, or `hour` for one. */
function durationAt(tokens: readonly Tagged[], at: number): { text: string; length: number } | null {
  const token = tokens[at];
  if (token?.kind === 'word' && compact.test(token.folded)) return { text: token.folded, length: 1 };
  const count = numberAt(tokens, at);
  if (count !== null && count >= 0) {
    const unit = unitAt(tokens, at + 1);
    return unit === null ? null : { text: `${count}${unit}`, length: 2 };
  }
  const unit = unitAt(tokens, at);
  return unit === null ? null : { text: `1${unit}`, length: 1 };
}

function integerAt(tokens: readonly Tagged[], at: number, secondsEach: number | null): ReadValue | null {
  if (secondsEach !== null) {
    const duration = durationAt(tokens, at);
    if (duration !== null && numberAt(tokens, at) === null && !compact.test(duration.text)) return null;
    if (duration !== null) return { value: secondsOf(duration.text) / secondsEach, length: duration.length };
  }
  const count = numberAt(tokens, at);
  if (count === null) return null;
  // A number with a unit is not the plain number that this input wants.
  return secondsEach === null && unitAt(tokens, at + 1) !== null ? null : { value: count, length: 1 };
}

function momentAt(tokens: readonly Tagged[], at: number, durations: boolean): ReadValue | null {
  const token = tokens[at];
  if (token?.kind === 'word' || token?.kind === 'quoted') {
    const { text } = token;
    if (/^\d{4}-\d\d-\d\d$/.test(text)) return { value: `${text}T00:00:00Z`, length: 1 };
    if (/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d/.test(text)) return { value: text.toUpperCase(), length: 1 };
  }
  const duration = durations ? durationAt(tokens, at) : null;
  return duration === null ? null : { value: duration.text, length: duration.length };
}

const reference = /^[A-Za-z0-9_][A-Za-z0-9._/-]*$/;

/** Reads the value of an input at a token; null where what stands there is no such value. */
export function valueAt(
  input: InputGrammar,
  tokens: readonly Tagged[],
  at: number,
  plainText: boolean,
): ReadValue | null {
  const token = tokens[at];
  if (token === undefined) return null;
  const isText = token.kind === 'quoted' || token.kind === 'word';
  const isName = token.kind === 'quoted' || (isText && phrasesAt(tokens, at).length === 0);
  const { input: kind } = input;
  switch (kind.kind) {
    case 'integer':
      return integerAt(tokens, at, kind.secondsEach);
    case 'moment':
      return momentAt(tokens, at, kind.durations);
    case 'path':
    case 'paths':
      if (!isName && !(isText && isPathLike(token.text))) return null;
      return { value: kind.kind === 'paths' ? [pathOf(token.text)] : pathOf(token.text), length: 1 };
    case 'ref':
      return (isName || token.kind === 'number') && reference.test(token.text)
        ? { value: token.text, length: 1 }
        : null;
    case 'choice': {
      const value = kind.values.find((known) => known === token.text || known === token.folded);
      return value === undefined ? null : { value, length: 1 };
    }
    case 'text':
      // Text that ends up in a system is taken from quotes only; a search may take a word.
      return token.kind === 'quoted' || (plainText && isText) ? { value: token.text, length: 1 } : null;
    default:
      return null;
  }
}

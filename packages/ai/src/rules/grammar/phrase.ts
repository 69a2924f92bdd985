import type { Json } from '@countersign/protocol';
import { fold } from '../text/fold.ts';

/** One piece of a phrase: a word, a place for the value of an input, or a value that the phrase itself means. */
export type Piece =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'slot'; readonly input: string }
  | { readonly kind: 'means'; readonly input: string; readonly value: Json };

/** A way to say something, such as `last {tail} lines` or `with timestamps {timestamps=true}`. */
export interface Phrase {
  readonly pieces: readonly Piece[];
  /** How many words it is made of: a longer phrase is surer than a shorter one. */
  readonly weight: number;
}

function constantOf(text: string): Json {
  if (text === 'true') return true;
  if (text === 'false') return false;
  return /^-?\d{1,9}$/.test(text) ? Number(text) : text;
}

/** Reads a phrase as manifests write it. */
export function phraseOf(text: string): Phrase {
  const pieces = text.split(/\s+/).map((piece): Piece => {
    const [, input, , value] = /^\{([^=}]+)(=([^}]*))?\}$/.exec(piece) ?? [];
    if (input === undefined) return { kind: 'word', word: fold(piece) };
    return value === undefined ? { kind: 'slot', input } : { kind: 'means', input, value: constantOf(value) };
  });
  return { pieces, weight: pieces.filter(({ kind }) => kind !== 'means').length };
}

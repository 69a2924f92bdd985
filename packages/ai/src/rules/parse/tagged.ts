import { entriesFrom, words as lexiconWords, type Meaning } from '../lexicon/vocabulary.ts';
import type { World } from '../names/world.ts';
import { distance, isSwap } from '../text/distance.ts';
import type { Token } from '../text/token.ts';

/** A token with the words that it may be: as written, or corrected where it is no word that anything here knows. */
export interface Tagged extends Token {
  readonly index: number;
  readonly forms: readonly string[];
}

function isMistyped(word: string, known: string): boolean {
  // Another form of the word says something else: `web restarts in stage` asks for nothing.
  if (word.startsWith(known) && /^[sdrn]$/.test(word.slice(known.length))) return false;
  if (Math.abs(word.length - known.length) > 1 || known.length < 3) return false;
  // One edit leaves the first letter or the last one in its place; most words fall here already.
  if (word[0] !== known[0] && word.at(-1) !== known.at(-1)) return false;
  if (word.length <= 4 || known.length <= 4) return isSwap(word, known);
  return distance(word, known) === 1;
}

/** Tags tokens; `vocabulary` holds the words of the grammars beside those of the lexicons. */
export function tag(tokens: readonly Token[], vocabulary: ReadonlySet<string>, world: World): Tagged[] {
  const words = [...lexiconWords, ...vocabulary];
  return tokens.map((token, index) => {
    const { folded, kind } = token;
    const isKnown =
      kind !== 'word' ||
      lexiconWords.has(folded) ||
      vocabulary.has(folded) ||
      world.itemsByName.has(folded) ||
      world.places.has(folded);
    if (isKnown || !/^\p{L}{3,}$/u.test(folded)) return { ...token, index, forms: [folded] };
    const corrected = words.filter((known) => isMistyped(folded, known));
    return { ...token, index, forms: [folded, ...new Set(corrected)] };
  });
}

/** Whether a token may be this word; quoted text is never a word of the language. */
export function isWord(token: Tagged | undefined, word: string): boolean {
  return token !== undefined && (token.kind === 'word' || token.kind === 'number') && token.forms.includes(word);
}

/** Whether it is that word only if a typo is read over. */
export function isCorrected(token: Tagged, word: string): boolean {
  return token.folded !== word;
}

/** A phrase of the lexicons found at a place. */
export interface FoundPhrase {
  readonly meaning: Meaning;
  readonly length: number;
}

/** Every phrase of the lexicons that begins at a token, longest first. */
export function phrasesAt(tokens: readonly Tagged[], at: number): FoundPhrase[] {
  const token = tokens[at];
  if (token === undefined || token.kind !== 'word') return [];
  return token.forms
    .flatMap((form) => entriesFrom(form))
    .filter(({ words }) => words.every((word, offset) => isWord(tokens[at + offset], word)))
    .map(({ words, meaning }) => ({ meaning, length: words.length }))
    .sort((a, b) => b.length - a.length);
}

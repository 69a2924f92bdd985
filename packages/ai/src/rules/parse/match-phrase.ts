import type { Json } from '@countersign/protocol';
import type { ActionGrammar } from '../grammar/action-grammar.ts';
import type { Phrase } from '../grammar/phrase.ts';
import { isCorrected, isWord, phrasesAt, type Tagged } from './tagged.ts';
import { valueAt } from './values.ts';

/** What a phrase said about one input, and by which token. */
export interface SaidInput {
  readonly input: string;
  readonly value: Json;
  readonly token: Tagged;
}

export interface PhraseMatch {
  readonly phrase: Phrase;
  /** The tokens it took, words that carry no meaning between them included. */
  readonly taken: readonly Tagged[];
  readonly said: readonly SaidInput[];
  /** How many words were mistyped. */
  readonly corrected: number;
}

function isSkippable(grammar: ActionGrammar, tokens: readonly Tagged[], at: number): boolean {
  const token = tokens[at];
  if (token?.kind === 'pause') return token.text === ':';
  if (token?.kind !== 'word') return false;
  return (
    grammar.descriptors.has(token.folded) ||
    phrasesAt(tokens, at).some(({ meaning, length }) => meaning.kind === 'glue' && length === 1)
  );
}

/** Matches a phrase at a token; glue between its pieces is read over. */
export function matchPhrase(
  grammar: ActionGrammar,
  phrase: Phrase,
  tokens: readonly Tagged[],
  start: number,
): PhraseMatch | null {
  const said: SaidInput[] = [];
  let at = start;
  let corrected = 0;
  for (const piece of phrase.pieces) {
    if (piece.kind === 'means') {
      const token = tokens[start];
      if (token !== undefined) said.push({ input: piece.input, value: piece.value, token });
      continue;
    }
    for (;;) {
      const token = tokens[at];
      if (token === undefined) return null;
      if (piece.kind === 'word' && isWord(token, piece.word)) {
        if (isCorrected(token, piece.word)) corrected += 1;
        at += 1;
        break;
      }
      const name = piece.kind === 'slot' ? piece.input : '';
      const input = grammar.inputs.find((one) => one.name === name);
      const nested = name.includes('.') && token.kind === 'quoted' ? { value: token.text, length: 1 } : null;
      const read = input === undefined ? nested : valueAt(input, tokens, at, grammar.action.effect === 'read');
      if (piece.kind === 'slot' && read !== null) {
        said.push({ input: name, value: read.value, token });
        at += read.length;
        break;
      }
      if (at === start || !isSkippable(grammar, tokens, at)) return null;
      at += 1;
    }
  }
  return { phrase, taken: tokens.slice(start, at), said, corrected };
}

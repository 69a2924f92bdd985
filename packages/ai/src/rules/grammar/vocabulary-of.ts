import type { ActionGrammar } from './action-grammar.ts';

/** Every word that the phrases of some grammars hold. */
export function vocabularyOf(grammars: readonly ActionGrammar[]): ReadonlySet<string> {
  const phrases = grammars.flatMap(({ asks, details, verbs, nouns }) => [...asks, ...details, ...verbs, ...nouns]);
  return new Set(
    phrases.flatMap(({ pieces }) => pieces.flatMap((piece) => (piece.kind === 'word' ? [piece.word] : []))),
  );
}

import type { ActionGrammar } from '../grammar/action-grammar.ts';
import { matchPhrase } from './match-phrase.ts';
import { phrasesAt, type Tagged } from './tagged.ts';

const isKind = (tokens: readonly Tagged[], at: number, kinds: readonly string[]) =>
  phrasesAt(tokens, at).find(({ meaning }) => kinds.includes(meaning.kind));

/** The first token that says something, past what is polite or empty. */
function firstContent(tokens: readonly Tagged[], from: number): number {
  let at = from;
  for (;;) {
    const skipped = isKind(tokens, at, ['polite', 'glue', 'and', 'next']);
    if (skipped !== undefined) at += skipped.length;
    else if (tokens[at]?.kind === 'pause') at += 1;
    else return at;
  }
}

const verbAt = (tokens: readonly Tagged[], at: number, grammars: readonly ActionGrammar[]) =>
  isKind(tokens, at, ['verb']) !== undefined ||
  grammars.some((grammar) =>
    [...grammar.verbs, ...grammar.asks].some((phrase) => matchPhrase(grammar, phrase, tokens, at) !== null),
  );

const detailAt = (tokens: readonly Tagged[], at: number, grammars: readonly ActionGrammar[]) =>
  grammars.some((grammar) => grammar.details.some((phrase) => matchPhrase(grammar, phrase, tokens, at) !== null));

/** The length of what separates sentence parts at a token: `strong` always does, `weak` where a verb follows. */
function separatorAt(tokens: readonly Tagged[], at: number): { length: number; strong: boolean } | null {
  const token = tokens[at];
  if (token === undefined) return null;
  if (token.kind === 'stop') return { length: 1, strong: true };
  const then = isKind(tokens, at, ['next']);
  if (then !== undefined) return { length: then.length, strong: true };
  if (token.kind === 'pause') return { length: 1, strong: false };
  const and = isKind(tokens, at, ['and']);
  return and === undefined ? null : { length: and.length, strong: false };
}

/**
 * Cuts a prompt into parts that each ask for one thing. `then`, a semicolon or the end of a sentence always cut; `and` and a
 * comma only where a verb follows and something was asked for before them. What separates weakly stays in its part.
 */
export function splitClauses(tokens: readonly Tagged[], grammars: readonly ActionGrammar[]): Tagged[][] {
  const clauses: Tagged[][] = [];
  let current: Tagged[] = [];
  let asked = false;
  let at = 0;
  const close = () => {
    if (current.some(({ kind }) => kind !== 'pause')) clauses.push(current);
    current = [];
    asked = false;
  };
  while (at < tokens.length) {
    const verb = isKind(tokens, at, ['verb']);
    if (verb !== undefined && verb.length > 1) {
      current.push(...tokens.slice(at, at + verb.length));
      asked = true;
      at += verb.length;
      continue;
    }
    const separator = separatorAt(tokens, at);
    if (separator === null) {
      asked = asked || verbAt(tokens, at, grammars);
      const token = tokens[at];
      if (token !== undefined) current.push(token);
      at += 1;
      continue;
    }
    const next = firstContent(tokens, at + separator.length);
    // After the first part a name is enough: it goes on with the action before it.
    const ready = asked || (clauses.length > 0 && current.some(({ kind }) => kind !== 'pause'));
    const begins = ready && verbAt(tokens, next, grammars) && !detailAt(tokens, next, grammars);
    if (separator.strong ? ready : begins) close();
    else if (!separator.strong || current.length > 0)
      current.push(...tokens.slice(at, at + separator.length).filter(({ kind }) => kind !== 'stop'));
    at += separator.length;
  }
  close();
  return clauses;
}

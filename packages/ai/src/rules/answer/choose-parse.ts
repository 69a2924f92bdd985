import type { ActionGrammar } from '../grammar/action-grammar.ts';
import type { World } from '../names/world.ts';
import { type ClauseParse, parseClause } from '../parse/parse-clause.ts';
import { phrasesAt, type Tagged } from '../parse/tagged.ts';

/** The readings of one sentence part, the best first. */
export function readClause(
  grammars: readonly ActionGrammar[],
  tokens: readonly Tagged[],
  world: World,
  prompt: string,
  before: ActionGrammar | null,
): ClauseParse[] {
  const parses = grammars
    .map((grammar) => parseClause(grammar, tokens, world, prompt, false))
    .filter(({ cue }) => cue > 0);
  const saysVerb = tokens.some((_token, at) => phrasesAt(tokens, at).some(({ meaning }) => meaning.kind === 'verb'));
  const clean = parses.some(({ leftovers }) => leftovers.length === 0);
  if (before !== null && !clean && (!saysVerb || parses.length === 0)) {
    const inherited = parseClause(before, tokens, world, prompt, true);
    if (inherited.names.length > 0 && inherited.leftovers.length === 0) return [inherited];
    if (parses.length === 0 && !saysVerb) return [inherited];
  }
  return parses.sort(
    (a, b) => a.leftovers.length - b.leftovers.length || b.cue - a.cue || a.missing.length - b.missing.length,
  );
}

/** Whether two readings explain a sentence part equally well. */
export function isTie(first: ClauseParse, second: ClauseParse | undefined): boolean {
  return (
    second !== undefined &&
    second.leftovers.length === 0 &&
    first.leftovers.length === 0 &&
    second.cue === first.cue &&
    second.missing.length === first.missing.length
  );
}

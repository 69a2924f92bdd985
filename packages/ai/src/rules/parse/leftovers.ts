import type { ActionGrammar } from '../grammar/action-grammar.ts';
import { phrasesAt, type Tagged } from './tagged.ts';

export interface Leftovers {
  readonly leftovers: readonly Tagged[];
  readonly vague: readonly Tagged[];
  readonly pronouns: readonly Tagged[];
}

/** What no rule has read. Words that carry no meaning are read over, and nothing else is. */
export function leftoversOf(
  grammar: ActionGrammar,
  tokens: readonly Tagged[],
  used: ReadonlySet<number>,
  isNamed: boolean,
  isPlaced: boolean,
): Leftovers {
  const leftovers: Tagged[] = [];
  const vague: Tagged[] = [];
  const pronouns: Tagged[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined || used.has(token.index) || token.kind === 'pause') continue;
    if (token.kind === 'word' && grammar.descriptors.has(token.folded)) continue;
    const phrases = phrasesAt(tokens, at).filter(({ length }) =>
      tokens.slice(at, at + length).every(({ index }) => !used.has(index)),
    );
    const guard = phrases.find(({ meaning }) => meaning.kind === 'guard');
    const read = phrases.find(
      ({ meaning: { kind }, length }) =>
        length >= (guard?.length ?? 0) &&
        (kind === 'polite' ||
          kind === 'and' ||
          kind === 'glue' ||
          (kind === 'place' && isPlaced) ||
          (kind === 'descriptor' && isNamed)),
    );
    const one = phrases.find(({ meaning: { kind } }) => kind === 'vague' || kind === 'pronoun')?.meaning.kind;
    if (read !== undefined && (guard === undefined || read.length > guard.length)) at += read.length - 1;
    else if (guard === undefined && one === 'vague') vague.push(token);
    else if (guard === undefined && one === 'pronoun') pronouns.push(token);
    else leftovers.push(token);
  }
  return { leftovers, vague, pronouns };
}

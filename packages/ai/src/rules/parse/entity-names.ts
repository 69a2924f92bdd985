import type { ActionGrammar } from '../grammar/action-grammar.ts';
import type { World } from '../names/world.ts';
import { placeAt } from './places.ts';
import { isWord, phrasesAt, type Tagged } from './tagged.ts';

function isBesideDescriptor(grammar: ActionGrammar, tokens: readonly Tagged[], at: number): boolean {
  const around = [tokens[at - 1], tokens[at + 1]];
  return around.some((token) => token !== undefined && grammar.descriptors.has(token.folded));
}

/** Words of the language that no unquoted name may be: a container called `all` must be quoted. */
function isReserved(grammar: ActionGrammar, tokens: readonly Tagged[], at: number): boolean {
  const isOwnVerb = grammar.verbs.some(({ pieces }) =>
    pieces.every((piece, offset) => piece.kind === 'word' && isWord(tokens[at + offset], piece.word)),
  );
  const kinds = phrasesAt(tokens, at).map(({ meaning }) => meaning.kind);
  return (
    isOwnVerb || kinds.some((kind) => ['glue', 'guard', 'and', 'next', 'pronoun', 'vague', 'polite'].includes(kind))
  );
}

/** The tokens that name a thing of the kind that the action acts on, exactly or by an alias. */
export function entityNames(grammar: ActionGrammar, tokens: readonly Tagged[], world: World): Tagged[] {
  const { entity } = grammar;
  if (entity === null) return [];
  return tokens.filter((token, at) => {
    if (token.kind !== 'word' && token.kind !== 'quoted') return false;
    const isItem = world.itemsByName.get(token.folded)?.some((item) => item.entity === entity.entity) ?? false;
    if (!isItem || token.kind === 'quoted') return isItem;
    const beside = isBesideDescriptor(grammar, tokens, at);
    return !isReserved(grammar, tokens, at) && (beside || placeAt(tokens, at, world) === null);
  });
}

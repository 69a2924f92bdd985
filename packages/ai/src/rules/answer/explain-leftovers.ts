import { nearNames } from '../names/near-names.ts';
import type { World } from '../names/world.ts';
import type { ClauseParse } from '../parse/parse-clause.ts';
import { targetsOf } from '../parse/places.ts';
import { phrasesAt, type Tagged } from '../parse/tagged.ts';
import { type Abstention, question, refusal, whatCanBeDone } from './answer.ts';
import { replaceToken } from './rewrite.ts';

/** Names that would stand where an unknown word stands: of things at the places that were said, and of places. */
export function namesNear(parse: ClauseParse, token: Tagged, world: World): { name: string; far: number }[] {
  const { grammar, places } = parse;
  const groups = [{ mentions: places, joined: false }];
  const there = new Set(targetsOf(groups, grammar.targets).map(({ name }) => name));
  const things = world.items.filter((item) => item.entity === grammar.entity?.entity && there.has(item.target));
  const placeNames = grammar.targets.flatMap(({ name, environment, project }) => [name, environment, project]);
  return nearNames(token.text, [...things.flatMap(({ name, aliases }) => [name, ...aliases]), ...placeNames]).filter(
    ({ name }) => name !== token.text,
  );
}

const quoted = (tokens: readonly Tagged[]) => tokens.map(({ text }) => `"${text}"`).join(', ');

/** What to answer where the best reading leaves something unexplained: a near name is asked about, the rest is refused. */
export function explainLeftovers(
  parse: ClauseParse,
  prompt: string,
  world: World,
  titles: readonly string[],
): Abstention {
  const { grammar, leftovers, names, tokens } = parse;
  const intent = grammar.action.title;
  const isVerb = (token: Tagged) =>
    phrasesAt(tokens, tokens.indexOf(token)).some(({ meaning }) => meaning.kind === 'verb');
  for (const token of leftovers) {
    if ((token.kind !== 'word' && token.kind !== 'quoted' && token.kind !== 'number') || isVerb(token)) continue;
    const near = namesNear(parse, token, world);
    if (near.length === 0) continue;
    return question(
      intent,
      `There is no "${token.text}" here. Did you mean ${near
        .slice(0, 8)
        .map(({ name }) => name)
        .join(', ')}?`,
      near.map(({ name }) => ({ label: name, prompt: replaceToken(prompt, token, name) })),
    );
  }
  if (leftovers.some(isVerb))
    return refusal(
      'unsupported',
      `Not understood as ${intent.toLowerCase()}: ${quoted(leftovers)}. ${whatCanBeDone(titles)}`,
    );
  const unknown = leftovers.filter((token) => token.kind !== 'symbol');
  if (grammar.entity !== null && names.length === 0 && unknown.length > 0) {
    const there = new Set(
      targetsOf([{ mentions: parse.places, joined: false }], grammar.targets).map(({ name }) => name),
    );
    const known = world.items.filter((item) => item.entity === grammar.entity?.entity && there.has(item.target));
    const unread = [...there].filter((name) => world.unread.has(name));
    if (unread.length > 0) return refusal('inventory_unread', `It is ${unread.join(', ')}.`);
    const list = [...new Set(known.map(({ name }) => name))].slice(0, 20).join(', ');
    return refusal('unknown_name', `Unknown: ${quoted(unknown)}. Known there: ${list === '' ? 'nothing' : list}.`);
  }
  return refusal('not_understood', `Not understood: ${quoted(leftovers)}.`);
}

import type { TargetRef } from '@countersign/protocol';
import { targetsOfTier, type World } from '../names/world.ts';
import { phrasesAt, type Tagged } from './tagged.ts';

/** A word that names a target, a project or an environment, with the targets that it leaves. */
export interface PlaceMention {
  readonly token: Tagged;
  readonly targets: readonly TargetRef[];
}

/** Mentions that together say one place: `shop stage`. */
export interface PlaceGroup {
  readonly mentions: readonly PlaceMention[];
  /** Whether `and` or a comma stands between this group and the one before it. */
  readonly joined: boolean;
}

/** The place that a token names, or null. */
export function placeAt(tokens: readonly Tagged[], at: number, world: World): PlaceMention | null {
  const token = tokens[at];
  if (token === undefined || (token.kind !== 'word' && token.kind !== 'quoted')) return null;
  const named = world.places.get(token.folded);
  if (named !== undefined) return { token, targets: named };
  const tier = phrasesAt(tokens, at).find(({ meaning, length }) => meaning.kind === 'tier' && length === 1)?.meaning;
  if (tier?.kind !== 'tier') return null;
  const targets = targetsOfTier(world, tier.tier);
  return targets.length === 0 ? null : { token, targets };
}

/** Groups mentions: what stands between two of them tells whether they say one place or two. */
export function groupPlaces(
  mentions: readonly PlaceMention[],
  tokens: readonly Tagged[],
  names: readonly Tagged[],
): PlaceGroup[] {
  const groups: { mentions: PlaceMention[]; joined: boolean }[] = [];
  let last: Tagged | null = null;
  for (const mention of mentions) {
    const from = last?.index ?? -1;
    const between = tokens.filter(({ index }) => index > from && index < mention.token.index);
    const joins = between.some(
      (token) => token.kind === 'pause' || phrasesAt([token], 0).some(({ meaning }) => meaning.kind === 'and'),
    );
    const splits = joins || between.some((token) => names.includes(token));
    const group = groups.at(-1);
    if (group !== undefined && !splits) group.mentions.push(mention);
    else groups.push({ mentions: [mention], joined: last !== null && joins });
    last = mention.token;
  }
  return groups;
}

/** The targets that every mention leaves. */
export function targetsOf(groups: readonly PlaceGroup[], among: readonly TargetRef[]): TargetRef[] {
  const mentions = groups.flatMap((group) => group.mentions);
  return among.filter((target) => mentions.every(({ targets }) => targets.some(({ name }) => name === target.name)));
}

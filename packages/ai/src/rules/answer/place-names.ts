import type { ClauseParse } from '../parse/parse-clause.ts';
import { groupPlaces, type PlaceGroup } from '../parse/places.ts';
import { phrasesAt, type Tagged } from '../parse/tagged.ts';

/** One thing to act on (null where the action names none) and the places said for it. */
export interface Placed {
  readonly name: Tagged | null;
  readonly places: readonly PlaceGroup[];
}

type Item = { readonly at: number; readonly name: Tagged } | { readonly at: number; readonly group: PlaceGroup };

const isGroup = (item: Item | undefined): item is Extract<Item, { group: PlaceGroup }> =>
  item !== undefined && 'group' in item;

/** Runs of names followed by the places said for them. */
function runsOf(items: readonly Item[]): { names: Tagged[]; groups: PlaceGroup[] }[] {
  const runs: { names: Tagged[]; groups: PlaceGroup[] }[] = [];
  for (const item of items) {
    const run = runs.at(-1);
    if (isGroup(item)) {
      if (run === undefined) runs.push({ names: [], groups: [item.group] });
      else run.groups.push(item.group);
    } else if (run === undefined || run.groups.length > 0) runs.push({ names: [item.name], groups: [] });
    else run.names.push(item.name);
  }
  return runs;
}

const product = (names: readonly (Tagged | null)[], groups: readonly PlaceGroup[]): Placed[] => {
  const several = groups.length > 1 && groups.slice(1).every(({ joined }) => joined);
  return several
    ? names.flatMap((name) => groups.map((group) => ({ name, places: [group] })))
    : names.map((name) => ({ name, places: groups }));
};

/** Whether names that follow each other are joined: `the db of the api` names one thing, and which is not said. */
function areJoined({ tokens }: ClauseParse, run: readonly Tagged[]): boolean {
  return run.every((name, index) => {
    const before = run[index - 1];
    if (before === undefined) return true;
    const between = tokens.filter(({ index: at }) => at > before.index && at < name.index);
    return between.some(
      (token) => token.kind === 'pause' || phrasesAt([token], 0).some(({ meaning }) => meaning.kind === 'and'),
    );
  });
}

/**
 * Says which place goes with which name: `web and worker in stage`, `in stage, web and worker`, `web in dev and worker in
 * stage`, `web in dev and in stage`. Null where that is left open, as in `web in stage and worker` or `the db of the api`.
 */
export function placeNames(parse: ClauseParse): Placed[] | null {
  const { tokens, names, places } = parse;
  const groups = groupPlaces(places, tokens, names);
  if (names.length === 0) return product([null], groups);
  const items: Item[] = [
    ...names.map((name) => ({ at: name.index, name })),
    ...groups.map((group) => ({ at: group.mentions[0]?.token.index ?? 0, group })),
  ].sort((a, b) => a.at - b.at);
  const runs = runsOf(items);
  if (!runs.every((run) => areJoined(parse, run.names))) return null;
  const [first, second, ...more] = runs;
  if (first === undefined || (runs.length === 1 && first.groups.length === 0))
    return names.map((name) => ({ name, places: [] }));
  if (first.names.length === 0 && second !== undefined && more.length === 0) {
    // The place comes first; one name may be followed by more about its place.
    if (second.groups.length > 0 && second.names.length > 1) return null;
    return second.names.map((name) => ({ name, places: [...first.groups, ...second.groups] }));
  }
  if (runs.some((run) => run.names.length === 0 || run.groups.length === 0)) return null;
  return runs.flatMap((run) => product(run.names, run.groups));
}

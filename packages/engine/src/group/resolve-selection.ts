import { hiddenFrom, type LabelRequirement, parseLabelSelector, selects } from '@countersign/kernel';
import {
  type ActionManifest,
  accept,
  type EntityListing,
  mostMembers,
  type Outcome,
  refuse,
  type SelectionRequest,
  type TargetRef,
} from '@countersign/protocol';
import { nearest } from '../catalogue/nearest.ts';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { readList } from '../planner/inventory.ts';
import type { ListedName } from '../planner/list-entities.ts';
import { entityField, listingWith, targetsOfSelection } from './selection-place.ts';

/** One thing that a selector names, on its target; `called` is the value of the input that names it. */
export interface Selected {
  readonly target: TargetRef;
  readonly name: string;
  readonly called: string;
}

/** What a selector names at the moment it is asked, and the input of the action that takes each. */
export interface Selection {
  readonly field: string;
  readonly selected: readonly Selected[];
}

interface Wanted {
  readonly requirements: readonly LabelRequirement[];
  readonly names: readonly string[] | null;
}

const isCalled = (thing: ListedName, name: string): boolean => thing.name === name || thing.aliases.includes(name);

function isWanted(thing: ListedName, { requirements, names }: Wanted): boolean {
  return selects(requirements, thing.labels) && (names?.some((name) => isCalled(thing, name)) ?? true);
}

/** A name that several things of one target share says nothing: an alias of its own stands for each. */
function calledAs(thing: ListedName, all: readonly ListedName[]): string {
  if (all.filter((other) => isCalled(other, thing.name)).length === 1) return thing.name;
  const own = thing.aliases.find((alias) => all.filter((other) => isCalled(other, alias)).length === 1);
  return own ?? thing.name;
}

const hint = (near: readonly string[]): string => (near.length === 0 ? '' : `; nearest: ${near.join(', ')}`);

function nothingFits({ requirements }: Wanted, labels: string | undefined, all: readonly ListedName[]) {
  const known = [
    ...new Set(
      all.flatMap((thing) =>
        Object.entries(thing.labels).flatMap(([key, value]) =>
          hiddenFrom([{ key, operator: 'in', values: [] }], thing.labels) === null ? [`${key}=${value}`] : [],
        ),
      ),
    ),
  ];
  const asked = requirements.flatMap(({ key, values }) => values.map((value) => `${key}=${value}`));
  const meant = [...new Set(asked.flatMap((label) => nearest(label, known)))];
  const near = meant.length > 0 ? meant : known.sort().slice(0, 5);
  const what = labels === undefined ? 'those names' : `the labels "${labels}"`;
  return refuse('E_TARGET_MISSING', `of ${all.length} there, nothing has ${what}${hint(near)}`, {
    field: '/labels',
    nearest: near,
    next: 'see what is there: countersign targets inventory TARGET',
  });
}

function unknownName(wanted: Wanted, all: readonly ListedName[]) {
  const unknown = wanted.names?.find((name) => !all.some((thing) => isCalled(thing, name)));
  if (unknown === undefined) return null;
  const near = nearest(
    unknown,
    all.map(({ name }) => name),
  );
  return refuse('E_TARGET_MISSING', `there is nothing called "${unknown}" there${hint(near)}`, {
    field: '/names',
    nearest: near,
    next: 'see what is there: countersign targets inventory TARGET',
  });
}

/** A thing whose label has a value that is not shown might be meant or not: that is not guessed. */
function hiddenLabel(things: readonly ListedName[], { requirements, names }: Wanted) {
  const asked = names === null ? things : things.filter((thing) => names.some((name) => isCalled(thing, name)));
  for (const thing of asked) {
    const key = hiddenFrom(requirements, thing.labels);
    if (key === null) continue;
    return refuse(
      'E_VALIDATION',
      `"${thing.name}" has a label ${key} whose value is not shown, so nobody can tell whether it is meant`,
      {
        field: '/labels',
        next: `select by other labels or by names; ${key} and !${key} ask whether it is there`,
      },
    );
  }
  return null;
}

interface Place {
  readonly target: TargetRef;
  readonly listing: EntityListing;
  readonly action: ActionManifest | null;
}

/** Everything of one kind on a target, read now; a list that is not whole names nothing. */
async function listNow(
  context: EngineContext,
  caller: Caller,
  { target, listing, action }: Place,
  signal: AbortSignal,
): Promise<Outcome<readonly ListedName[]>> {
  const wanted = { target, entity: listing.entity, listing, action };
  const { listed, permitted } = await readList(context, caller, wanted, signal, 0);
  if (listed.problem === null) return accept(listed.names);
  const code = permitted ? 'E_TARGET_UNREACHABLE' : 'E_POLICY_DENIED';
  return refuse(code, `what "${target.name}" holds is not known whole: ${listed.problem}`, {
    target: target.name,
    next: permitted
      ? `see \`countersign targets test ${target.name}\``
      : 'ask an administrator what your role may read',
  });
}

/**
 * What a selector names on its targets at this moment, read as the caller. E_VALIDATION for what is no selector or names too much,
 * E_TARGET_MISSING with the nearest labels or names where it names nothing, E_TARGET_UNREACHABLE where a list cannot be had whole.
 */
export async function resolveSelection(
  context: EngineContext,
  caller: Caller,
  request: SelectionRequest,
  signal: AbortSignal,
): Promise<Outcome<Selection>> {
  const { labels, names, inputs } = request;
  if (labels === undefined && names === undefined) {
    return refuse('E_VALIDATION', 'a selection says what it is about', {
      field: '/labels',
      next: 'give labels such as app=web, or names',
    });
  }
  const requirements = labels === undefined ? accept([]) : parseLabelSelector(labels);
  if (!requirements.ok) return requirements;
  const wanted: Wanted = { requirements: requirements.value, names: names ?? null };
  const targets = targetsOfSelection(context, caller, request);
  if (!targets.ok) return targets;
  const selected: Selected[] = [];
  const all: ListedName[] = [];
  let field = '';
  for (const target of targets.value) {
    const named = await entityField(context, target, request);
    if (!named.ok) return named;
    field = named.value.field;
    const listing = listingWith(named.value, inputs);
    const listed = await listNow(context, caller, { target, listing, action: named.value.reading }, signal);
    if (!listed.ok) return listed;
    const hidden = hiddenLabel(listed.value, wanted);
    if (hidden !== null) return hidden;
    all.push(...listed.value);
    for (const thing of listed.value) {
      if (isWanted(thing, wanted)) selected.push({ target, name: thing.name, called: calledAs(thing, listed.value) });
    }
  }
  const unknown = unknownName(wanted, all);
  if (unknown !== null) return unknown;
  if (selected.length === 0) return nothingFits(wanted, labels, all);
  if (selected.length > mostMembers) {
    return refuse('E_VALIDATION', `that names ${selected.length} things; one group takes at most ${mostMembers}`, {
      field: '/labels',
      next: 'narrow the labels, or name fewer targets',
    });
  }
  const key = ({ target, called }: Selected): string => `${target.name} ${called}`;
  return accept({ field, selected: selected.sort((a, b) => (key(a) < key(b) ? -1 : 1)) });
}

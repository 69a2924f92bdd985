import type { InventoryItem, PlannerAction, UnreadTarget } from '@countersign/kernel';
import type { ActionManifest, EntityListing, TargetRef } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { decideProposal } from '../operation/decide-verdict.ts';
import { type ListedNames, listEntities } from './list-entities.ts';

/** What was seen of the systems, and which of them could not be looked at. */
export interface Inventory {
  readonly items: readonly InventoryItem[];
  readonly unread: readonly UnreadTarget[];
}

/** One list to be read: the things of one kind on one target, by the read action that the connector declares for it. */
export interface WantedList {
  readonly target: TargetRef;
  readonly entity: string;
  readonly listing: EntityListing | null;
  readonly action: ActionManifest | null;
}

/** More targets than this are not looked at for one sentence; naming one narrows it. */
const mostTargets = 16;

const properties = ({ inputSchema }: ActionManifest): object[] => {
  const found = inputSchema['properties'];
  return typeof found === 'object' && found !== null
    ? Object.values(found).filter((one) => typeof one === 'object' && one !== null)
    : [];
};

/** The kinds of things that an action names in its inputs. */
export const entitiesOf = (action: ActionManifest): string[] =>
  properties(action).flatMap((schema) => {
    const entity = 'x-entity' in schema ? schema['x-entity'] : null;
    return typeof entity === 'string' ? [entity] : [];
  });

/** Every kind of thing that the caller's actions name, on each target on which they may. */
async function wantedLists(context: EngineContext, actions: readonly PlannerAction[]): Promise<WantedList[]> {
  const wanted = new Map<string, WantedList>();
  await context.store.read(async (reads) => {
    for (const { action, targets } of actions) {
      for (const entity of entitiesOf(action)) {
        for (const target of targets) {
          const key = `${target.name} ${entity}`;
          if (wanted.has(key)) continue;
          const [serving] = await context.catalogue.serving(reads, target);
          const listing = serving?.manifest.inventory?.find((one) => one.entity === entity) ?? null;
          const known = actions.find(({ action: { name } }) => name === listing?.action);
          const permitted = known?.targets.some(({ name }) => name === target.name) === true;
          wanted.set(key, { target, entity, listing, action: permitted ? (known?.action ?? null) : null });
        }
      }
    }
  });
  return [...wanted.values()];
}

/** The key under which a list is kept: what it was asked with is part of it. */
export function listKey({ target, entity, listing }: Pick<WantedList, 'target' | 'entity' | 'listing'>): string {
  return `${target.name} ${entity} ${JSON.stringify(listing?.inputs ?? {})}`;
}

/**
 * Reads one list for the caller, or takes one that is no older than `maxAgeMs`: as the caller, by policy, with the same audit as
 * every read. `permitted` is whether the caller may see the list at all.
 */
export async function readList(
  context: EngineContext,
  caller: Caller,
  wanted: WantedList,
  signal: AbortSignal,
  maxAgeMs?: number,
): Promise<{ readonly listed: ListedNames; readonly permitted: boolean }> {
  const { target, entity, listing, action } = wanted;
  const refused = (problem: string) => ({ listed: { names: [], problem, readAt: null }, permitted: false });
  if (listing === null) return refused(`its connector does not say how to list each ${entity}`);
  if (action === null) return refused(`you may not read ${listing.action} there`);
  const steps = [{ action: action.name, inputs: listing.inputs }];
  const { verdict } = decideProposal(context, caller, 'read', { target, actions: [action], steps });
  if (verdict.decision !== 'allow') return refused(verdict.reason);
  const listed = await context.inventory.of(
    listKey(wanted),
    signal,
    (waited) => listEntities(context, caller, target, listing, waited),
    maxAgeMs,
  );
  return { listed, permitted: true };
}

/** One list as a planner takes it. */
async function readFor(
  context: EngineContext,
  caller: Caller,
  wanted: WantedList,
  signal: AbortSignal,
): Promise<Inventory> {
  const { listed } = await readList(context, caller, wanted, signal);
  const { name: target } = wanted.target;
  const items = listed.names.map(({ name, aliases }) => ({ entity: wanted.entity, name, aliases, target }));
  return { items, unread: listed.problem === null ? [] : [{ target, reason: listed.problem }] };
}

/**
 * What the targets of these actions hold, as far as this caller may read it: each kind of thing that an action names is listed
 * by the read action that its connector declares. Bounded in targets, names and time; a list is kept for some seconds for
 * callers who may read it. A target that could not be looked at is told, never taken for empty.
 */
export async function readInventory(
  context: EngineContext,
  caller: Caller,
  actions: readonly PlannerAction[],
  signal: AbortSignal,
): Promise<Inventory> {
  const wanted = await wantedLists(context, actions);
  const lists = await Promise.all(
    wanted.map((one, index) =>
      index < mostTargets
        ? readFor(context, caller, one, signal)
        : {
            items: [],
            unread: [
              {
                target: one.target.name,
                reason: `only ${mostTargets} lists are read for one sentence; name the target`,
              },
            ],
          },
    ),
  );
  return { items: lists.flatMap(({ items }) => items), unread: lists.flatMap(({ unread }) => unread) };
}

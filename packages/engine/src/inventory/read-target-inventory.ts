import { accept, type InventoryList, type Outcome, refuse, type TargetInventory } from '@countersign/protocol';
import { nearest } from '../catalogue/nearest.ts';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { sees } from '../operation/find-operation.ts';
import { listKey, readList, type WantedList } from '../planner/inventory.ts';
import { permittedActions } from '../planner/permitted-actions.ts';

/** One list with its age. Where the target cannot be read now, the last whole list stands with the reason and its own age. */
async function listOf(
  context: EngineContext,
  caller: Caller,
  wanted: WantedList,
  signal: AbortSignal,
  maxAgeMs: number,
): Promise<InventoryList> {
  const begunAt = context.clock.now();
  const { listed, permitted } = await readList(context, caller, wanted, signal, maxAgeMs);
  const last = permitted && listed.problem !== null ? context.inventory.last(listKey(wanted)) : null;
  const { names, readAt } = last ?? listed;
  return {
    entity: wanted.entity,
    entries: names.map(({ name, aliases, labels }) => ({ name, aliases: [...aliases], labels: { ...labels } })),
    read_at: readAt,
    age_ms: readAt === null ? null : Math.max(0, context.clock.now() - readAt),
    live: readAt !== null && readAt >= begunAt,
    problem: listed.problem,
  };
}

/**
 * What a target holds, as far as this caller may read it: each kind of thing by the read action that its connector declares, read
 * now or no longer ago than `maxAgeMs`. Answers each list with its age. E_TARGET_UNKNOWN, E_WORKER_UNAVAILABLE.
 */
export async function readTargetInventory(
  context: EngineContext,
  caller: Caller,
  request: { readonly target: string; readonly maxAgeMs: number },
  signal: AbortSignal,
): Promise<Outcome<TargetInventory>> {
  const seen = context.targets.filter((target) => sees(caller, target));
  const target = seen.find(({ name }) => name === request.target);
  if (target === undefined) {
    const names = seen.map(({ name }) => name);
    return refuse('E_TARGET_UNKNOWN', `there is no target "${request.target}" that you may see`, {
      field: 'target',
      did_you_mean: nearest(request.target, names),
      next: 'see `countersign targets`',
    });
  }
  const permitted = await permittedActions(context, caller, { target: target.name });
  if (!permitted.ok) return permitted;
  const [serving] = await context.store.read((reads) => context.catalogue.serving(reads, target));
  if (serving === undefined) {
    return refuse('E_WORKER_UNAVAILABLE', `no worker serves target "${target.name}" now`, {
      target: target.name,
      next: 'see `countersign health`',
    });
  }
  const lists = (serving.manifest.inventory ?? []).map(async (listing) => {
    const action = permitted.value.find((one) => one.action.name === listing.action)?.action ?? null;
    const wanted = { target, entity: listing.entity, listing, action };
    return await listOf(context, caller, wanted, signal, request.maxAgeMs);
  });
  return accept({ target, lists: await Promise.all(lists) });
}

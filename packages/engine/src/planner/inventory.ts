import type { InventoryItem, PlannerAction } from '@countersign/kernel';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

/**
 * What the targets of these actions were seen to hold, as far as this caller may read it. No connector declares what it
 * holds yet, so nothing is known.
 */
export async function readInventory(
  _context: EngineContext,
  _caller: Caller,
  _actions: readonly PlannerAction[],
  _signal: AbortSignal,
): Promise<readonly InventoryItem[]> {
  return [];
}

import type { OperationFilter } from '@countersign/kernel';
import { accept, type OperationView, type Outcome } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { showPlan } from '../plan/show-plan.ts';
import { findOperation } from './find-operation.ts';
import { viewOperation } from './view-operation.ts';

/** One operation. What is answered counts as shown to the caller. */
export async function readOperation(
  context: EngineContext,
  caller: Caller,
  opId: string,
): Promise<Outcome<OperationView>> {
  const found = await context.store.read(async (reads) => {
    const seen = await findOperation(reads, caller, opId, 'viewer');
    if (!seen.ok) return seen;
    return accept({ operation: seen.value, ...(await viewOperation(context, reads, seen.value, caller)) });
  });
  if (!found.ok) return found;
  const { operation, plan, view } = found.value;
  await showPlan(context, caller, operation, plan);
  return accept(view);
}

/** Operations that a caller may see, newest first. A list shows no plan as seen. */
export async function listOperations(
  context: EngineContext,
  caller: Caller,
  wanted: Omit<OperationFilter, 'grants'>,
): Promise<OperationView[]> {
  const filter: OperationFilter = { ...wanted, grants: caller.principal.grants };
  return await context.store.read(async (reads) => {
    const views: OperationView[] = [];
    for (const operation of await reads.operations.list(filter))
      views.push((await viewOperation(context, reads, operation, caller)).view);
    return views;
  });
}

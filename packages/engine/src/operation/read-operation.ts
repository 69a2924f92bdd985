import type { OperationFilter } from '@countersign/kernel';
import { accept, type OperationView, type Outcome } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { showPlan } from '../plan/show-plan.ts';
import { notFound } from './find-operation.ts';
import { viewOperation } from './view-operation.ts';

/** One operation. What is answered counts as shown to the caller. */
export async function readOperation(
  context: EngineContext,
  caller: Caller,
  opId: string,
): Promise<Outcome<OperationView>> {
  const found = await context.store.read(async (reads) => {
    const operation = await reads.operations.get(opId);
    return operation === null ? null : { operation, ...(await viewOperation(context, reads, operation)) };
  });
  if (found === null) return notFound(opId);
  await showPlan(context, caller, found.operation, found.plan);
  return accept(found.view);
}

/** Operations, newest first. A list shows no plan as seen. */
export async function listOperations(context: EngineContext, filter: OperationFilter): Promise<OperationView[]> {
  return await context.store.read(async (reads) => {
    const views: OperationView[] = [];
    for (const operation of await reads.operations.list(filter))
      views.push((await viewOperation(context, reads, operation)).view);
    return views;
  });
}

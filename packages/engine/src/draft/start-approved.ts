import type { Run } from '@countersign/kernel';
import { accept, type Outcome } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation } from '../operation/find-operation.ts';
import { startRun } from '../run/start-run.ts';
import { nothingApproved } from './read-draft.ts';

/**
 * Starts the one run of what was approved. The plan that stands is named by its digest, so that what is edited meanwhile does
 * not run; whoever starts it need not have been shown it, because somebody who was decided on it.
 */
export async function startApproved(
  context: EngineContext,
  caller: Caller,
  opId: string,
  requestId: string | undefined,
): Promise<Outcome<Run>> {
  const found = await context.store.read(async (reads) => {
    const seen = await findOperation(reads, caller, opId, 'actions');
    return seen.ok ? accept(await reads.plans.get(opId, seen.value.revision)) : seen;
  });
  if (!found.ok) return found.code === 'E_NOT_FOUND' ? nothingApproved() : found;
  const digest = found.value?.digest ?? undefined;
  return await startRun(context, caller, { opId, digest, requestId, busy: 'queue' });
}

import { statusWords } from '@countersign/kernel';
import { type AiJobView, accept, JsonObject, type OperationView, type Outcome, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation } from '../operation/find-operation.ts';
import { listOperations } from '../operation/read-operation.ts';
import { viewOperation } from '../operation/view-operation.ts';

const mostOfGroup = 100;

/** The operations of a group that a caller sees, oldest first. */
export async function readGroup(
  context: EngineContext,
  caller: Caller,
  groupId: string,
): Promise<Outcome<OperationView[]>> {
  const found = await listOperations(context, caller, { group: groupId, limit: mostOfGroup });
  if (found.length > 0) return accept(found.reverse());
  return refuse('E_NOT_FOUND', `there is no group ${groupId} that you may see`, { next: 'see `countersign ls`' });
}

function resultOf({ run, op_id, bundle_id, steps }: OperationView): JsonObject {
  return JsonObject.parse({
    op_id,
    bundle_id,
    run_id: run?.run_id ?? null,
    actions: steps.map(({ action }) => action),
    summary: run?.summary ?? null,
    after: run?.steps.map(({ after }) => after) ?? [],
    artifacts: run?.artifacts ?? [],
  });
}

function errorOf({ run, plan, display }: OperationView): AiJobView['error'] {
  const { code = 'E_STATE', message = `it is ${display}` } = run?.failure ?? plan?.error ?? {};
  return { code, message };
}

function durationOf({ run }: OperationView): number | null {
  if (run === null || run.ended_at === null) return null;
  return Math.max(0, run.ended_at - (run.started_at ?? run.created_at));
}

/** One action that was taken, in the source's words (IP-5). What is unknown, foreign or past its time answers alike. */
export async function readJob(context: EngineContext, caller: Caller, jobId: string): Promise<Outcome<AiJobView>> {
  return await context.store.read(async (reads) => {
    const found = await findOperation(reads, caller, jobId, 'viewer');
    const operation = found.ok ? found.value : null;
    const now = context.clock.now();
    const over = operation?.state === 'closed' && now - operation.updatedAt >= context.settings.listedMs;
    if (operation === null || over) {
      return refuse('E_NOT_FOUND', `there is no job ${jobId} that you may see`, {
        next: 'its results are kept for a while',
      });
    }
    const { view, display } = await viewOperation(context, reads, operation, caller);
    const status = statusWords[display].ip;
    return accept({
      status,
      result: status === 'completed' ? resultOf(view) : null,
      error: status === 'error' ? errorOf(view) : null,
      duration_ms: durationOf(view),
      op_id: view.op_id,
      display: view.display,
      next: view.next,
    });
  });
}

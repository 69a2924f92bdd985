import { planRollback, runEnded } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation } from '../operation/find-operation.ts';
import { proposeOperation } from '../operation/propose-operation.ts';
import { openInputs } from '../secret/sealed-inputs.ts';

/** Proposes the inverses of what an operation applied, as a new operation with its own plan, decision and evidence. */
export async function proposeRollback(
  context: EngineContext,
  caller: Caller,
  opId: string,
  request: { requestId: string | undefined; note: string },
): Promise<Outcome<string>> {
  const found = await context.store.read(async (reads) => {
    const seen = await findOperation(reads, caller, opId, 'actions');
    if (!seen.ok) return seen;
    const operation = seen.value;
    const run = await reads.runs.byOperation(opId);
    const steps = run === null ? [] : await reads.runs.steps(run.id);
    const plan = await reads.plans.get(opId, operation.revision);
    return accept({ operation, run, plan, steps, sealed: await reads.sealed.list(opId) });
  });
  if (!found.ok) return found;
  const { operation, run, plan } = found.value;
  if (run === null || !runEnded(run.state) || plan?.body == null) {
    const why =
      run === null ? 'nothing has run, so there is nothing to take back' : `the run has not ended: it is ${run.state}`;
    return refuse('E_STATE', why, {
      next: run === null ? 'withdraw it: countersign cancel' : 'wait for its end, or resolve its outcome',
    });
  }
  const inverses = planRollback(plan.body, found.value.steps);
  if (!inverses.ok) return inverses;
  const { name: target, project, environment } = operation.target;
  return await proposeOperation(context, caller, {
    selector: { target, project, environment },
    steps: openInputs(context.vault, inverses.value, found.value.sealed).steps,
    start: 'manual',
    note: request.note === '' ? `rollback of ${opId}` : request.note,
    plannedBy: null,
    origin: 'rollback',
    rollbackOf: opId,
    idempotency:
      request.requestId === undefined ? null : { route: 'ops.rollback', key: request.requestId, body: { op_id: opId } },
  });
}

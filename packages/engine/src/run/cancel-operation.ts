import { closeOperation, moveRun, type Operation, type Run, runEnded, type Unit } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { type Actor, actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { giveUpGeneration } from '../draft/end-generation.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { holdsRole, lockOperation } from '../operation/find-operation.ts';
import { emit } from '../stream/operation-stream.ts';
import { endRun } from './end-run.ts';

/** Withdraws an operation that has not started, inside a unit. */
export async function withdraw(
  context: EngineContext,
  unit: Unit,
  by: { readonly actor: Actor; readonly correlationId: string },
  operation: Operation,
  reason: string,
): Promise<void> {
  const { id } = operation;
  await unit.jobs.finishAll(id, ['plan', 'generate']);
  await unit.operations.save(closeOperation(operation, 'withdrawn', context.clock.now()));
  await unit.sealed.delete(id);
  await giveUpGeneration(context, unit, id);
  await recordAudit(context, unit, {
    event: 'operation.withdrawn',
    actor: by.actor,
    subject: operationSubject(id),
    outcome: 'ok',
    correlationId: by.correlationId,
    detail: { reason },
  });
  await emit(context, unit, id, [
    { type: 'state', subject: 'operation', state: 'withdrawn', ...(reason === '' ? {} : { detail: { reason } }) },
    { type: 'end', state: 'withdrawn' },
  ]);
}

/** Ends a run that no worker has begun, inside a unit. */
export async function cancelQueued(
  context: EngineContext,
  unit: Unit,
  actor: Actor,
  operation: Operation,
  run: Run,
  reason: string,
): Promise<void> {
  await unit.jobs.finishAll(operation.id, ['run', 'read']);
  const failure = { code: 'E_CANCELLED', message: reason === '' ? 'cancelled before it started' : reason };
  await endRun(context, unit, operation, run, { state: 'cancelled', failure, summary: null }, actor);
}

/** Withdraws an operation that has not started, or asks its run to stop between steps. */
export async function cancelOperation(
  context: EngineContext,
  caller: Caller,
  opId: string,
  given: string,
): Promise<Outcome<string>> {
  const reason = withoutSecrets(given);
  return await commit(context, 'cancel', async (unit): Promise<Outcome<string>> => {
    const found = await lockOperation(unit, caller, opId, 'actions');
    if (!found.ok) return found;
    const operation = found.value;
    const own = operation.requester.root === caller.principal.root;
    if (!own && !holdsRole(caller, operation.target, 'approver').ok) {
      return refuse('E_AUTH_FORBIDDEN', 'only whoever proposed it, an approver or an administrator may cancel it', {
        next: 'ask one of them',
      });
    }
    const now = context.clock.now();
    const actor = actorOf(caller.principal);
    const run = await unit.runs.byOperation(opId);
    if (run === null) {
      if (operation.state === 'closed')
        return refuse('E_STATE', 'the operation is closed already', { next: 'no action is needed' });
      await withdraw(context, unit, { actor, correlationId: caller.correlationId }, operation, reason);
      return accept(opId);
    }
    if (runEnded(run.state))
      return refuse('E_STATE', `the run has ended already: ${run.state}`, {
        next: 'see `countersign rollback` to take it back',
      });
    if (run.state === 'outcome_unknown') {
      return refuse('E_OUTCOME_UNKNOWN', 'nothing runs any more, but its outcome is unknown', {
        next: `resolve it: countersign resolve ${opId}`,
      });
    }
    await recordAudit(context, unit, {
      event: 'run.cancel_requested',
      actor,
      subject: operationSubject(opId),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { run_id: run.id, reason },
    });
    if (run.state === 'queued') {
      await cancelQueued(context, unit, actor, operation, run, reason);
      return accept(opId);
    }
    if (run.state === 'running') {
      await unit.runs.save(moveRun(run, 'cancelling', { cancelRequestedAt: now }));
      await emit(context, unit, opId, [{ type: 'state', subject: 'run', state: 'cancelling' }]);
    }
    return accept(opId);
  });
}

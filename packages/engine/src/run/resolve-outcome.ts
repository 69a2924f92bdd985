import { moveRun, moveStep, type Operation, type Run, type Step, type Unit } from '@countersign/kernel';
import { accept, type Json, type Outcome, refuse } from '@countersign/protocol';
import { operationSubject, placeOf, recordAlone, recordAudit } from '../audit/record-audit.ts';
import { type Actor, actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { findOperation, lockOperation } from '../operation/find-operation.ts';
import { endRun } from './end-run.ts';
import { enqueue } from './enqueue.ts';

/** What became known about a step in doubt. */
export interface KnownOutcome {
  readonly applied: boolean;
  readonly after: Json;
  readonly guard: Json;
  /** True when a person says so: there is nothing to read back then. */
  readonly byPerson: boolean;
}

/** Goes on from a doubt that was cleared: an applied effect is verified and later steps run; one that never happened ends the run. */
export async function settleUnknown(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  run: Run,
  step: Step,
  known: KnownOutcome,
  actor: Actor,
): Promise<void> {
  const now = context.clock.now();
  await unit.jobs.finishAll(operation.id, ['reconcile']);
  if (!known.applied) {
    const failure = {
      code: 'E_TARGET_REFUSED',
      message: `step ${step.index} was not applied; nothing is in doubt any more`,
    };
    await unit.runs.saveStep(moveStep(step, 'failed', { failure, endedAt: now }));
    await endRun(context, unit, operation, run, { state: 'failed', failure, summary: null }, actor);
    return;
  }
  if (!known.byPerson) {
    await unit.runs.saveStep(moveStep(step, 'applied', { after: known.after, nextGuard: known.guard, failure: null }));
    // A cancel that was asked for before the doubt is still asked for.
    await unit.runs.save(moveRun(run, run.cancelRequestedAt === null ? 'running' : 'cancelling', { failure: null }));
    await enqueue(context, unit, { kind: 'run', operation });
    return;
  }
  await unit.runs.saveStep(
    moveStep(step, 'verified', { after: known.after, nextGuard: known.guard, failure: null, endedAt: now }),
  );
  const rest = (await unit.runs.steps(run.id)).some((other) => other.state === 'pending');
  const failure = rest
    ? { code: 'E_STATE', message: 'a person resolved the step in doubt; later steps were not run' }
    : null;
  await endRun(context, unit, operation, run, { state: rest ? 'failed' : 'succeeded', failure, summary: null }, actor);
}

/** A person says what they found at the target. Never an AI. */
export async function resolveOutcome(
  context: EngineContext,
  caller: Caller,
  opId: string,
  outcome: 'applied' | 'not_applied',
  given: string,
): Promise<Outcome<string>> {
  const reason = withoutSecrets(given);
  const seen = await context.store.read((reads) => findOperation(reads, caller, opId, 'approver'));
  if (!seen.ok) return seen;
  if (caller.principal.ai || caller.principal.kind !== 'person') {
    await recordAlone(context, {
      event: 'approval.refused',
      actor: actorOf(caller.principal),
      subject: operationSubject(opId),
      outcome: 'refused',
      correlationId: caller.correlationId,
      detail: { kind: 'resolve', code: 'E_APPROVAL_NOT_ALLOWED' },
    });
    return refuse('E_APPROVAL_NOT_ALLOWED', 'only a person may say what happened', {
      next: 'ask a person to look at the target',
    });
  }
  return await commit(context, 'resolve', async (unit): Promise<Outcome<string>> => {
    const found = await lockOperation(unit, caller, opId, 'approver');
    if (!found.ok) return found;
    const operation = found.value;
    const run = await unit.runs.byOperation(opId);
    const step = run === null ? undefined : (await unit.runs.steps(run.id)).find((known) => known.state === 'unknown');
    if (run?.state !== 'outcome_unknown' || step === undefined) {
      return refuse('E_STATE', `nothing is in doubt: ${run === null ? 'it has no run' : `the run is ${run.state}`}`, {
        next: `see \`countersign show ${opId}\``,
      });
    }
    const actor = actorOf(caller.principal);
    await recordAudit(context, unit, {
      event: 'run.resolved',
      actor,
      subject: operationSubject(opId),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { run_id: run.id, ...placeOf(operation), step: step.index, outcome, reason },
    });
    const after = { resolved_by: caller.principal.name, reason };
    await settleUnknown(
      context,
      unit,
      operation,
      run,
      step,
      { applied: outcome === 'applied', after, guard: null, byPerson: true },
      actor,
    );
    return accept(opId);
  });
}

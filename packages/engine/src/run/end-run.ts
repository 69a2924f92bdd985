import { closeOperation, moveRun, moveStep, type Operation, type Run, runFacts, type Unit } from '@countersign/kernel';
import type { AuditEventName, ClosedReason, Failure, JsonObject } from '@countersign/protocol';
import { operationSubject, placeOf, recordAudit } from '../audit/record-audit.ts';
import type { Actor } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { jobsTopic, wavesTopic } from '../context/wake-ups.ts';
import { isDispatch } from '../dispatch/agent-connector.ts';
import { elapsedMs, labelsOf, tellAfter } from '../meter/work-meter.ts';
import { recordReplay } from '../replay/record-replay.ts';
import { replayedBy } from '../replay/replay-operation.ts';
import { emit } from '../stream/operation-stream.ts';
import { enqueue } from './enqueue.ts';

export interface RunEnd {
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly failure: Failure | null;
  readonly summary: JsonObject | null;
}

const closings: Readonly<Record<RunEnd['state'], ClosedReason>> = {
  succeeded: 'executed',
  failed: 'failed',
  cancelled: 'cancelled',
};
const events: Readonly<Record<RunEnd['state'], AuditEventName>> = {
  succeeded: 'run.succeeded',
  failed: 'run.failed',
  cancelled: 'run.cancelled',
};

/** The audit entry of an ended run. */
async function recordEnd(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  run: Run,
  { state, failure }: Pick<RunEnd, 'state' | 'failure'>,
  actor: Actor,
): Promise<void> {
  const read = operation.effect === 'read';
  const plan = read ? null : await unit.plans.get(operation.id, operation.revision);
  await recordAudit(context, unit, {
    event: read ? 'read.done' : events[state],
    actor,
    subject: operationSubject(operation.id),
    outcome: state === 'succeeded' ? 'ok' : 'failed',
    correlationId: operation.correlationId,
    detail: {
      run_id: run.id,
      target: operation.target.name,
      actions: operation.steps.map((step) => step.action),
      ...(read
        ? { requester: operation.requester.name, state }
        : runFacts(operation.target, plan?.body ?? null, await unit.runs.steps(run.id))),
      ...(failure === null ? {} : { code: failure.code, message: failure.message }),
    },
  });
}

/** Ends a run: later steps are skipped, the target is free again, the operation is closed, sealing is queued. */
export async function endRun(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  run: Run,
  end: RunEnd,
  actor: Actor,
): Promise<void> {
  const now = context.clock.now();
  const steps = await unit.runs.steps(run.id);
  const unproven = steps.some((step) => step.state !== 'verified');
  const state = end.state === 'succeeded' && unproven && operation.effect !== 'read' ? 'failed' : end.state;
  const failure: Failure | null =
    state === end.state
      ? end.failure
      : { code: 'E_VERIFY', message: 'the run was reported as succeeded, but not every step is verified' };
  for (const step of steps) {
    if (step.state === 'pending') await unit.runs.saveStep(moveStep(step, 'skipped', { endedAt: now }));
  }
  await unit.runs.save(moveRun(run, state, { failure, summary: end.summary, endedAt: now }));
  await unit.operations.save(closeOperation(operation, closings[state], now));
  const read = operation.effect === 'read';
  if (read) await unit.sealed.delete(operation.id);
  else {
    await unit.locks.release(operation.target.name, run.id);
    await enqueue(context, unit, { kind: 'seal', operation });
  }
  const replayed = replayedBy(operation);
  if (replayed === null) await recordEnd(context, unit, operation, run, { state, failure }, actor);
  else await recordReplay(context, unit, operation, replayed, { failure, summary: end.summary }, actor);
  await emit(context, unit, operation.id, [
    {
      type: 'state',
      subject: 'run',
      state,
      ...(failure === null ? {} : { detail: { code: failure.code, message: failure.message } }),
    },
    { type: 'end', state },
  ]);
  const outcome = failure?.code === 'E_PLAN_STALE' ? 'stale' : state;
  const tookMs = run.startedAt === null ? null : elapsedMs(run.startedAt, now);
  tellAfter(context, unit, { fact: 'ended', ...labelsOf(operation), effect: operation.effect, outcome, tookMs });
  unit.afterCommit(() => {
    context.wake.notify(jobsTopic);
    if (operation.groupId !== null) context.wake.notify(wavesTopic);
  });
}

/** Leaves a run in doubt: the target stays locked, a reconcile is queued with backoff. What an agent did nobody can read back: a person says it. */
export async function leaveUnknown(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  run: Run,
  index: number,
  failure: Failure,
  actor: Actor,
): Promise<void> {
  const step = (await unit.runs.steps(run.id)).find((known) => known.index === index);
  if (step !== undefined && step.state !== 'unknown') await unit.runs.saveStep(moveStep(step, 'unknown', { failure }));
  await unit.runs.save(moveRun(run, 'outcome_unknown', { failure }));
  if (!isDispatch(operation))
    await enqueue(context, unit, { kind: 'reconcile', operation, delayMs: 1000, payload: { index, tries: 0 } });
  await recordAudit(context, unit, {
    event: 'run.outcome_unknown',
    actor,
    subject: operationSubject(operation.id),
    outcome: 'unknown',
    correlationId: operation.correlationId,
    detail: { run_id: run.id, ...placeOf(operation), step: index, code: failure.code, message: failure.message },
  });
  await emit(context, unit, operation.id, [
    { type: 'state', subject: 'run', state: 'outcome_unknown', detail: { step: index } },
  ]);
  if (run.state !== 'outcome_unknown') tellAfter(context, unit, { fact: 'doubted', ...labelsOf(operation) });
}

import { canonicalBytes } from '@countersign/evidence';
import { type Job, moveStep, type Operation, type Run, type Step, stepMoves, type Unit } from '@countersign/kernel';
import {
  CodedError,
  type Fence,
  type IntentAnswer,
  type IntentRequest,
  JsonObject,
  type OutcomeRequest,
  type StepState,
} from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { type Actor, workerActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { elapsedMs, tellAfter } from '../meter/work-meter.ts';
import { panicIsOn } from '../setting/panic.ts';
import { emit } from '../stream/operation-stream.ts';
import { heldJob } from './held-job.ts';

interface HeldRun {
  readonly job: Job;
  readonly operation: Operation;
  readonly run: Run;
  readonly step: Step;
}

/** The step that a worker holds and may move now; steps go one after the other. */
async function heldStep(unit: Unit, fence: Fence, index: number, to: StepState): Promise<HeldRun> {
  const job = await heldJob(unit, fence);
  const operation = await unit.operations.lock(job.subjectId);
  const run = await unit.runs.byOperation(job.subjectId);
  const steps = run === null ? [] : await unit.runs.steps(run.id);
  const step = steps.find((known) => known.index === index);
  if (operation === null || run === null || step === undefined || job.kind !== 'run') {
    throw new CodedError('E_VALIDATION', `this job has no step ${index}`, { field: 'index' });
  }
  if (step.state !== to && !stepMoves[step.state].includes(to)) {
    throw new CodedError('E_STATE', `step ${index} cannot go from ${step.state} to ${to}`, { field: 'index' });
  }
  if (steps.some((known) => known.index < index && known.state !== 'verified')) {
    throw new CodedError('E_STATE', `step ${index} comes after steps that are not verified`, { field: 'index' });
  }
  return { job, operation, run, step };
}

/** Records, durably and before the effect, that a worker is about to have it. `by` is who has it where that is no worker. */
export async function recordIntent(
  context: EngineContext,
  fence: Fence,
  request: IntentRequest,
  by?: Actor,
): Promise<IntentAnswer> {
  return await commit(context, 'intent', async (unit): Promise<IntentAnswer> => {
    const { job, operation, run, step } = await heldStep(unit, fence, request.index, 'intent');
    if (run.state === 'cancelling') return { go: false, why: 'cancelled' };
    if (await panicIsOn(unit)) return { go: false, why: 'panic' };
    const intent = moveStep(step, 'intent', {
      before: request.before,
      guard: request.guard,
      intentAt: step.intentAt ?? context.clock.now(),
    });
    await unit.runs.saveStep(intent);
    await recordAudit(context, unit, {
      event: 'step.intent',
      actor: by ?? workerActor(job.leaseWorker ?? ''),
      subject: operationSubject(operation.id),
      outcome: 'ok',
      correlationId: operation.correlationId,
      detail: { run_id: run.id, step: step.index, action: step.action, key: step.idempotencyKey, fence: job.fence },
    });
    await emit(context, unit, operation.id, [{ type: 'state', subject: `step ${step.index}`, state: 'intent' }]);
    return { go: true };
  });
}

/** Whether an outcome was recorded before: a worker whose answer was lost says it again. */
function saysTheSame(step: Step, request: OutcomeRequest): boolean {
  const known = { after: step.after, guard: step.nextGuard, failure: step.failure };
  const told = {
    after: request.after ?? step.after,
    guard: request.guard ?? step.nextGuard,
    failure: request.failure ?? null,
  };
  return Buffer.from(canonicalBytes(JsonObject.parse(known))).equals(canonicalBytes(JsonObject.parse(told)));
}

/** Records what became of an effect, inside a unit; an equal repeat changes nothing. `by` is who says it where that is no worker. */
export async function recordOutcomeIn(
  context: EngineContext,
  unit: Unit,
  fence: Fence,
  request: OutcomeRequest,
  by?: Actor,
): Promise<void> {
  const { job, operation, run, step } = await heldStep(unit, fence, request.index, request.outcome);
  if (step.state === request.outcome && saysTheSame(step, request)) return;
  if (!stepMoves[step.state].includes(request.outcome)) {
    throw new CodedError('E_STATE', `step ${step.index} is ${step.state} with another outcome`, { field: 'index' });
  }
  const ended = request.outcome === 'verified' || request.outcome === 'failed';
  const moved = moveStep(step, request.outcome, {
    after: request.after ?? step.after,
    nextGuard: request.guard ?? step.nextGuard,
    failure: request.failure ?? null,
    endedAt: ended ? context.clock.now() : null,
  });
  await unit.runs.saveStep(moved);
  await recordAudit(context, unit, {
    event: 'step.outcome',
    actor: by ?? workerActor(job.leaseWorker ?? ''),
    subject: operationSubject(operation.id),
    outcome: request.outcome === 'unknown' ? 'unknown' : request.outcome === 'failed' ? 'failed' : 'ok',
    correlationId: operation.correlationId,
    detail: {
      run_id: run.id,
      step: step.index,
      state: request.outcome,
      ...(request.failure === undefined ? {} : { code: request.failure.code }),
    },
  });
  await emit(context, unit, operation.id, [{ type: 'state', subject: `step ${step.index}`, state: request.outcome }]);
  if (request.outcome === 'applied') return;
  const labels = { connector: operation.target.connector, action: step.action };
  const tookMs = step.intentAt === null ? null : elapsedMs(step.intentAt, context.clock.now());
  tellAfter(context, unit, { fact: 'step_ended', ...labels, outcome: request.outcome, tookMs });
}

/** Records what became of a worker's effect; an equal repeat changes nothing. */
export async function recordOutcome(context: EngineContext, fence: Fence, request: OutcomeRequest): Promise<void> {
  await commit(context, 'outcome', (unit) => recordOutcomeIn(context, unit, fence, request));
}

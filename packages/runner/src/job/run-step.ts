import type { Applied, ParsedStep } from '@countersign/connector-kit';
import { CodedError, type Failure, type Json, type ReconcileAnswer, type StepState } from '@countersign/protocol';
import { scrubJson } from '../output/scrub-json.ts';
import { failureOf, type JobSession, promisesNoEffect, wasLeftBehind, withContext } from './job-session.ts';

export type StepEnd =
  | { readonly result: 'verified'; readonly guard: Json }
  | { readonly result: 'failed' | 'cancelled' | 'unknown'; readonly failure: Failure };

interface Intent {
  readonly before: Json;
  readonly guard: Json;
  readonly recordedAt: number;
}

const cancelledFailure: Failure = { code: 'E_CANCELLED', message: 'cancelled before this step' };
const panicFailure: Failure = { code: 'E_PANIC', message: 'panic mode stopped the run before this step' };

async function fail(
  session: JobSession,
  step: ParsedStep,
  failure: Failure,
  outcome: 'failed' | 'unknown',
  after: Json,
): Promise<StepEnd> {
  await session.port.recordOutcome(session.fence, { index: step.index, outcome, after, guard: null, failure });
  return { result: outcome, failure };
}

async function verify(session: JobSession, step: ParsedStep, before: Json, applied: Applied): Promise<StepEnd> {
  session.faults.hit('worker:before-verify');
  let seen: Json;
  try {
    const { value } = await withContext(session, step, session.lost, (context) =>
      session.target.verify(step, before, applied, context),
    );
    seen = scrubJson(value, session.scrubber);
  } catch (error) {
    if (session.lost.aborted) throw error;
    // Only a target that was read and does not show the change has failed; one that cannot be read leaves a doubt.
    const outcome = error instanceof CodedError && error.code === 'E_VERIFY' ? 'failed' : 'unknown';
    return await fail(session, step, failureOf(error, session.scrubber), outcome, applied.after);
  }
  const { index } = step;
  await session.port.recordOutcome(session.fence, { index, outcome: 'verified', after: seen, guard: applied.guard });
  return { result: 'verified', guard: applied.guard };
}

async function recordApplied(session: JobSession, step: ParsedStep, before: Json, applied: Applied): Promise<StepEnd> {
  const scrubbed: Applied = { after: scrubJson(applied.after, session.scrubber), guard: applied.guard };
  await session.port.recordOutcome(session.fence, { index: step.index, outcome: 'applied', ...scrubbed });
  return await verify(session, step, before, scrubbed);
}

async function readBack(
  session: JobSession,
  step: ParsedStep,
  intent: Intent,
): Promise<{ answer: ReconcileAnswer; after: Json; guard: Json }> {
  try {
    return (
      await withContext(session, step, session.lost, (context) => session.target.reconcile(step, intent, context))
    ).value;
  } catch (error) {
    if (session.lost.aborted) throw error;
    return { answer: 'indeterminate', after: null, guard: null };
  }
}

/** Has the effect under a recorded intent. An error that does not promise "no effect" is read back, never retried. */
async function effect(session: JobSession, step: ParsedStep, intent: Intent): Promise<StepEnd> {
  session.faults.hit('worker:before-effect');
  session.assertHeld();
  let applied: Applied;
  try {
    const { value } = await withContext(session, step, session.lost, (context) =>
      session.target.apply(step, intent.before, intent.guard, context),
    );
    session.faults.hit('worker:after-effect');
    applied = value;
  } catch (error) {
    if (session.lost.aborted) throw error;
    const failure = failureOf(error, session.scrubber);
    if (promisesNoEffect(error)) return await fail(session, step, failure, 'failed', null);
    return await settle(session, step, intent, failure, wasLeftBehind(error) ? 'may_still_come' : 'never');
  }
  return await recordApplied(session, step, intent.before, applied);
}

/** Records the intent, durably; only then comes the effect. */
async function underIntent(session: JobSession, step: ParsedStep, intent: Intent): Promise<StepEnd> {
  const before = scrubJson(intent.before, session.scrubber);
  const answer = await session.port.recordIntent(session.fence, { index: step.index, before, guard: intent.guard });
  if (!answer.go) return { result: 'cancelled', failure: answer.why === 'panic' ? panicFailure : cancelledFailure };
  return await effect(session, step, intent);
}

/** Finds out about an intent without outcome; applies again only where the action says that this is harmless. */
async function settle(
  session: JobSession,
  step: ParsedStep,
  intent: Intent,
  failure: Failure,
  again: 'harmless' | 'never' | 'may_still_come',
): Promise<StepEnd> {
  const found = await readBack(session, step, intent);
  if (found.answer === 'applied')
    return await recordApplied(session, step, intent.before, { after: found.after, guard: found.guard });
  if (found.answer === 'indeterminate') return await fail(session, step, failure, 'unknown', null);
  // Work that ignored its deadline goes on somewhere: that its effect is not there yet says nothing.
  if (again === 'may_still_come') return await fail(session, step, failure, 'unknown', null);
  const harmless = session.actions.get(step.action)?.idempotency !== 'none';
  if (again === 'harmless' && harmless) return await underIntent(session, step, intent);
  return await fail(session, step, failure, 'failed', null);
}

async function takeOver(session: JobSession, step: ParsedStep, state: 'intent' | 'unknown'): Promise<StepEnd> {
  const { intent } = session.job;
  const lostWorker: Failure = {
    code: 'E_WORKER_UNAVAILABLE',
    message: 'the worker was lost before this step had its effect',
  };
  if (intent === null || intent.index !== step.index) return await fail(session, step, lostWorker, 'unknown', null);
  const known: Intent = { before: intent.before, guard: intent.guard, recordedAt: intent.recorded_at };
  // A doubt that somebody put on record is cleared up, never overwritten by another attempt.
  return await settle(session, step, known, lostWorker, state === 'intent' ? 'harmless' : 'never');
}

/** Takes one step from wherever it stands to its end. */
export async function applyStep(
  session: JobSession,
  step: ParsedStep,
  state: StepState,
  guard: Json,
): Promise<StepEnd> {
  if (state === 'intent' || state === 'unknown') return await takeOver(session, step, state);
  if (state === 'applied') {
    const left = session.job.done.find((known) => known.index === step.index);
    return await verify(session, step, left?.before ?? null, {
      after: left?.after ?? null,
      guard: left?.guard ?? null,
    });
  }
  const { value: before } = await withContext(session, step, session.lost, (context) =>
    session.target.before(step, guard, context),
  );
  return await underIntent(session, step, { before, guard, recordedAt: session.now() });
}

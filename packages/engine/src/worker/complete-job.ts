import {
  type Artifact,
  type Job,
  type Operation,
  type Run,
  runEnded,
  type Step,
  stepInDoubt,
  type Unit,
} from '@countersign/kernel';
import { type ArtifactUpload, CodedError, type CompleteRequest, type Failure, type Fence } from '@countersign/protocol';
import { operationSubject, placeOf, recordAudit } from '../audit/record-audit.ts';
import { type Actor, workerActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { tellAfter } from '../meter/work-meter.ts';
import { recordPlan } from '../plan/record-plan.ts';
import { endRun, leaveUnknown } from '../run/end-run.ts';
import { enqueue } from '../run/enqueue.ts';
import { settleUnknown } from '../run/resolve-outcome.ts';
import { heldJob } from './held-job.ts';

type Ending = Extract<CompleteRequest, { kind: 'run' | 'read' }>;
/** A file of a run that is kept already, as its row will be. */
export type Stored = Omit<Artifact, 'id' | 'runId' | 'createdAt'>;

const longestBackoffMs = 300_000;
const commitOf = { plan: 'plan', run: 'complete', read: 'read-done', reconcile: 'reconcile' } as const;

/** Keeps what a run hands over, before the unit that tells of it. */
export async function storeArtifacts(context: EngineContext, uploads: readonly ArtifactUpload[]): Promise<Stored[]> {
  const stored: Stored[] = [];
  for (const upload of uploads) {
    context.crash.hit('artifact:before-write');
    const kept = await context.artifacts.put(Buffer.from(upload.content_base64, 'base64'));
    context.crash.hit('artifact:after-write');
    stored.push({ name: upload.name, mediaType: upload.media_type, truncated: upload.truncated, ...kept });
  }
  return stored;
}

function failureOf(request: Ending, steps: readonly Step[]): Failure | null {
  if (request.failure !== undefined) return request.failure;
  const told = steps.find((step) => step.failure !== null)?.failure;
  if (request.result === 'failed' && told != null) return told;
  if (request.result === 'stale') return { code: 'E_PLAN_STALE', message: 'the target moved after the plan was made' };
  if (request.result === 'cancelled') return { code: 'E_CANCELLED', message: 'the run was cancelled' };
  return request.result === 'succeeded' ? null : { code: 'E_INTERNAL', message: 'the worker gave no reason' };
}

async function endWork(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  run: Run,
  request: Ending,
  stored: readonly Stored[],
  actor: Actor,
): Promise<void> {
  for (const artifact of stored) {
    await unit.runs.addArtifact({ ...artifact, id: context.ids.next(), runId: run.id, createdAt: context.clock.now() });
    tellAfter(context, unit, { fact: 'kept', truncated: artifact.truncated });
  }
  const steps = operation.effect === 'read' ? [] : await unit.runs.steps(run.id);
  const failure = failureOf(request, steps);
  const doubt = stepInDoubt(steps);
  // Whatever a worker says of the run: with a step in doubt it is not over.
  if (doubt !== undefined) {
    const reason = failure ?? { code: 'E_OUTCOME_UNKNOWN', message: 'it is not known whether the effect happened' };
    await leaveUnknown(context, unit, operation, run, doubt.index, reason, actor);
    return;
  }
  if (request.result === 'unknown') throw new CodedError('E_VALIDATION', 'no step of this run is in doubt');
  const state = request.result === 'stale' ? 'failed' : request.result;
  await endRun(context, unit, operation, run, { state, failure, summary: request.summary ?? null }, actor);
}

const lateWorkMs = 60_000;

function mayStillCome(context: EngineContext, step: Step): boolean {
  return step.failure?.code === 'E_TIMEOUT' && context.clock.now() - (step.intentAt ?? 0) < lateWorkMs;
}

async function endReconcile(
  context: EngineContext,
  unit: Unit,
  job: Job,
  operation: Operation,
  run: Run,
  request: Extract<CompleteRequest, { kind: 'reconcile' }>,
  actor: Actor,
): Promise<void> {
  const step = (await unit.runs.steps(run.id)).find((known) => known.index === request.index);
  if (run.state !== 'outcome_unknown') return;
  if (step?.state !== 'unknown') {
    throw new CodedError('E_VALIDATION', `step ${request.index} is not in doubt`, { field: 'index' });
  }
  // Work that ignored its deadline may still land: "not there yet" counts only once it could not come any more.
  const early = request.result === 'not_applied' && mayStillCome(context, step);
  const answer = early ? 'indeterminate' : request.result;
  await recordAudit(context, unit, {
    event: 'run.reconciled',
    actor,
    subject: operationSubject(operation.id),
    outcome: answer === 'indeterminate' ? 'unknown' : 'ok',
    correlationId: operation.correlationId,
    detail: { run_id: run.id, ...placeOf(operation), step: step.index, answer, attempt: job.attempt },
  });
  if (answer === 'indeterminate') {
    const payload = job.payload;
    const before = typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload['tries'] : 0;
    const tries = (typeof before === 'number' ? before : 0) + 1;
    const delayMs = Math.min(1000 * 2 ** tries, longestBackoffMs);
    await enqueue(context, unit, { kind: 'reconcile', operation, delayMs, payload: { index: request.index, tries } });
    return;
  }
  const known = { applied: answer === 'applied', after: request.after, guard: request.guard, byPerson: false };
  await settleUnknown(context, unit, operation, run, step, known, actor);
}

/** The operation and run behind a job that ends now; null where the run is over already. */
async function endJob(unit: Unit, job: Job): Promise<{ operation: Operation; run: Run } | null> {
  await unit.jobs.finish(job.id);
  const operation = await unit.operations.lock(job.subjectId);
  const run = await unit.runs.byOperation(job.subjectId);
  return operation === null || run === null || runEnded(run.state) ? null : { operation, run };
}

/** Ends a run or a read by the word of whoever holds this job, inside a unit. */
export async function completeRunIn(
  context: EngineContext,
  unit: Unit,
  job: Job,
  request: Ending,
  stored: readonly Stored[],
  actor: Actor,
): Promise<void> {
  const open = await endJob(unit, job);
  if (open !== null) await endWork(context, unit, open.operation, open.run, request, stored, actor);
}

/** Why a worker refused what it was asked for; null where it did not. */
function refusalIn(request: CompleteRequest): Failure | null {
  if (request.kind === 'reconcile') return null;
  const told = request.kind === 'plan' ? request.result : request;
  const failure = 'error' in told ? told.error : 'failure' in told ? told.failure : undefined;
  return failure?.code === 'E_WORKER_REFUSED' ? failure : null;
}

/** What no worker should ever be asked for is told beside the end of the job, so that somebody can be alerted. */
async function recordRefusal(
  context: EngineContext,
  unit: Unit,
  job: Job,
  { message }: Failure,
  actor: Actor,
): Promise<void> {
  const operation = await unit.operations.get(job.subjectId);
  await recordAudit(context, unit, {
    event: 'worker.refused',
    actor,
    subject: operationSubject(job.subjectId),
    outcome: 'refused',
    correlationId: operation?.correlationId ?? '',
    detail: { job_id: job.id, kind: job.kind, target: operation?.target.name ?? null, message },
  });
}

/** Ends a job with its result. A repeated call after a lost answer finds the lease gone and is refused. */
export async function completeJob(
  context: EngineContext,
  fence: Fence,
  request: CompleteRequest,
  by?: Actor,
): Promise<void> {
  const stored =
    request.kind === 'run' || request.kind === 'read' ? await storeArtifacts(context, request.artifacts) : [];
  const workers = await context.store.read((reads) => context.catalogue.workers(reads));
  await commit(context, commitOf[request.kind], async (unit) => {
    const job = await heldJob(unit, fence);
    const actor = by ?? workerActor(job.leaseWorker ?? '');
    if (request.kind !== job.kind) {
      throw new CodedError('E_VALIDATION', `this is a ${job.kind} job; it cannot be completed as ${request.kind}`, {
        field: 'request.kind',
      });
    }
    const refusal = refusalIn(request);
    if (refusal !== null) await recordRefusal(context, unit, job, refusal, actor);
    if (request.kind === 'run' || request.kind === 'read') {
      return await completeRunIn(context, unit, job, request, stored, actor);
    }
    if (request.kind === 'reconcile') {
      const open = await endJob(unit, job);
      if (open !== null) await endReconcile(context, unit, job, open.operation, open.run, request, actor);
      return;
    }
    await unit.jobs.finish(job.id);
    const worker =
      workers.find((known) => known.worker === job.leaseWorker) ?? (await unit.workers.get(job.leaseWorker ?? ''));
    const connector = (await unit.operations.get(job.subjectId))?.target.connector;
    const manifest = worker?.manifests.find((announced) => announced.connector === connector);
    await recordPlan(context, unit, job, manifest, request.result);
  });
}

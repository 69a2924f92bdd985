import {
  type JobKind as AnyJobKind,
  type Job as JobRow,
  moveRun,
  type Operation,
  type Run,
  runEnded,
  stepInDoubt,
  type Unit,
} from '@countersign/kernel';
import {
  accept,
  type ClaimRequest,
  CodedError,
  type Failure,
  type Job,
  JobKind,
  type OpenIntent,
  type Outcome,
  refuse,
  runIdOf,
  type WorkerTarget,
} from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { holdingBreakGlass } from '../break-glass/holding-break-glass.ts';
import { type Actor, systemActor, workerActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { jobsTopic } from '../context/wake-ups.ts';
import { isDispatch } from '../dispatch/agent-connector.ts';
import { elapsedMs, tellAfter } from '../meter/work-meter.ts';
import { decideStart } from '../operation/decide-verdict.ts';
import { isUnreadable } from '../operation/waiting-operations.ts';
import { type WholePlan, wholePlan } from '../plan/whole-plan.ts';
import { bundleRecord } from '../replay/bundle-record.ts';
import { replayedBy } from '../replay/replay-operation.ts';
import { endRun, leaveUnknown } from '../run/end-run.ts';
import { openInputs } from '../secret/sealed-inputs.ts';
import { panicIsOn } from '../setting/panic.ts';
import { emit } from '../stream/operation-stream.ts';

/** Who claims: as whom, for how long at first, and which queues they serve, asked in the claiming unit. */
export interface Claimer {
  readonly worker: string;
  readonly instance: string;
  readonly kinds: readonly AnyJobKind[];
  readonly leaseMs: number;
  /** In whose name what the claim does stands in the audit. */
  readonly actor: Actor;
  queues(unit: Unit): Promise<readonly string[]>;
  /** Whether they do all of these actions on a target of theirs; asked after `queues`. All, when left out. */
  does?(target: string, actions: readonly string[]): boolean;
  /** In the claiming unit, once there is something; what it throws takes the claim back. */
  claimed?(unit: Unit, operationId: string): Promise<void>;
}

const busyRetryMs = 50;
const unreadableRetryMs = 60_000;
const leftToOthersMs = 1000;

/** A worker's sign of life is written often enough that its silence shows within one lease. */
function seenEveryMs(context: EngineContext): number {
  return Math.min(2000, context.settings.leaseMs / 4);
}

async function takeTarget(
  context: EngineContext,
  unit: Unit,
  job: JobRow,
  operation: Operation,
  run: Run,
): Promise<boolean> {
  const holder = await unit.locks.acquire({
    target: operation.target.name,
    runId: run.id,
    operationId: operation.id,
    acquiredAt: context.clock.now(),
  });
  if (holder.runId === run.id) return true;
  await unit.jobs.requeue(job.id, busyRetryMs);
  return false;
}

/** A run that must not go on ends; with a step in doubt it stays in doubt. */
async function stopRun(
  context: EngineContext,
  unit: Unit,
  job: JobRow,
  operation: Operation,
  run: Run,
  failure: Failure,
): Promise<void> {
  await unit.jobs.finish(job.id);
  const doubt = stepInDoubt(await unit.runs.steps(run.id));
  if (doubt !== undefined) await leaveUnknown(context, unit, operation, run, doubt.index, failure, systemActor);
  else await endRun(context, unit, operation, run, { state: 'failed', failure, summary: null }, systemActor);
}

/**
 * Whether a run may go on as it was approved. Policy may have become stricter while it waited: then it ends before it
 * begins, while one that began goes on. A plan or an approval that was changed in the database stops it wherever it is.
 */
async function mayRun(context: EngineContext, unit: Unit, operation: Operation, run: Run): Promise<Outcome<WholePlan>> {
  try {
    return await asApproved(context, unit, operation, run);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return refuse('E_DIGEST_MISMATCH', 'what was approved was changed since, so that it cannot be read');
  }
}

/** What was approved for a target does not begin at another one that got its name. */
function sameTarget(context: EngineContext, { target }: Operation): Outcome<null> {
  const now = context.targets.find(({ name }) => name === target.name);
  const same =
    now !== undefined &&
    now.project === target.project &&
    now.environment === target.environment &&
    now.tier === target.tier &&
    now.connector === target.connector;
  if (same) return accept(null);
  const what = now === undefined ? 'was removed' : `is of ${now.project}/${now.environment} (${now.tier}) now`;
  return refuse('E_PLAN_STALE', `target "${target.name}" ${what}; nothing was done`, { next: 'propose it again' });
}

async function asApproved(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  run: Run,
): Promise<Outcome<WholePlan>> {
  const whole = await wholePlan(context, unit, operation, run.planDigest ?? '');
  if (!whole.ok) return whole;
  if (run.startedAt === null) {
    const same = sameTarget(context, operation);
    if (!same.ok) return same;
  }
  const { verdict, spent } = await decideStart(context, unit, operation, whole.value, run);
  if (spent === 'changed') {
    return refuse('E_DIGEST_MISMATCH', 'an approval that this run spent was changed after it was given');
  }
  if (run.startedAt !== null || verdict.decision === 'allow') return whole;
  const code = verdict.decision === 'deny' ? 'E_POLICY_DENIED' : 'E_APPROVAL_REQUIRED';
  const word = (await holdingBreakGlass(context, unit, operation, whole.value.digest))?.statement;
  if (word !== undefined && word.expires_at <= context.clock.now()) {
    const glass = `the glass that ${word.principal} broke for this run held until ${new Date(word.expires_at).toISOString()}`;
    const next = 'nothing was done; propose it again and break the glass for that, or wait until it is allowed';
    return refuse(code, `${glass}, and no worker had begun it by then (${verdict.reason}); ${next}`);
  }
  return refuse(code, `policy changed while the run waited: ${verdict.reason}`);
}

async function startOrTakeOver(
  context: EngineContext,
  unit: Unit,
  job: JobRow,
  operation: Operation,
  run: Run,
  actor: Actor,
): Promise<void> {
  const now = context.clock.now();
  const to = run.state === 'cancelling' ? 'cancelling' : 'running';
  await unit.runs.save(moveRun(run, to, { attempt: run.attempt + 1, startedAt: run.startedAt ?? now }));
  if (operation.effect === 'read') return;
  await recordAudit(context, unit, {
    event: 'run.started',
    actor,
    subject: operationSubject(operation.id),
    outcome: 'ok',
    correlationId: operation.correlationId,
    detail: { run_id: run.id, attempt: run.attempt + 1, fence: job.fence },
  });
  await emit(context, unit, operation.id, [
    { type: 'state', subject: 'run', state: to, detail: { attempt: run.attempt + 1 } },
  ]);
}

async function assignment(
  context: EngineContext,
  unit: Unit,
  job: JobRow,
  operation: Operation,
  run: Run | null,
  plan: WholePlan | null,
  { leaseMs }: Claimer,
): Promise<Job> {
  // What was hashed is what is sent: the row is not read again.
  const approved = plan?.body.steps ?? operation.steps;
  const opened = openInputs(context.vault, approved, await unit.sealed.list(operation.id));
  const steps = run === null ? [] : await unit.runs.steps(run.id);
  const open = steps.find((step) => step.state === 'intent' || step.state === 'unknown');
  const intent: OpenIntent | null =
    open === undefined
      ? null
      : {
          index: open.index,
          idempotency_key: open.idempotencyKey,
          before: open.before,
          guard: open.guard,
          recorded_at: open.intentAt ?? 0,
        };
  const replayed = replayedBy(operation);
  const replay = replayed === null ? null : await bundleRecord(unit, replayed.bundle_id);
  return {
    job_id: job.id,
    kind: JobKind.parse(job.kind),
    fence: job.fence,
    lease_ms: leaseMs,
    op_id: operation.id,
    correlation_id: operation.correlationId,
    run_id: run === null ? null : runIdOf(run.id),
    target: operation.target,
    steps: opened.steps.map((step, index) => ({
      ...step,
      index,
      idempotency_key: `${run?.id ?? operation.id}.${index}`,
    })),
    secrets: opened.secrets,
    plan: plan?.body ?? null,
    plan_digest: plan?.digest ?? null,
    done: steps
      .filter((step) => step.state !== 'pending')
      .map(({ index, state, before, after, nextGuard }) => ({ index, state, before, after, guard: nextGuard })),
    intent,
    ...(replay === null ? {} : { replay }),
  };
}

type Claimed = { job: Job } | 'again' | 'none';

/** Tells that work was handed out. A run counts its own starts: its job may have been claimed in vain while its target was busy. */
function tellClaimed(context: EngineContext, unit: Unit, job: JobRow, operation: Operation, again: boolean): void {
  const { connector } = operation.target;
  const waitedMs = again ? null : elapsedMs(job.createdAt, context.clock.now());
  tellAfter(context, unit, { fact: 'claimed', kind: job.kind, connector, waitedMs });
}

async function prepare(context: EngineContext, unit: Unit, job: JobRow, claimer: Claimer): Promise<Claimed> {
  const operation = await unit.operations.lock(job.subjectId);
  if (operation === null) {
    await unit.jobs.finish(job.id);
    return 'again';
  }
  const actions = operation.steps.map(({ action }) => action);
  if (claimer.does?.(operation.target.name, actions) === false) {
    await unit.jobs.requeue(job.id, leftToOthersMs);
    return 'again';
  }
  if (job.kind === 'plan') {
    tellClaimed(context, unit, job, operation, job.attempt > 1);
    return { job: await assignment(context, unit, job, operation, null, null, claimer) };
  }
  const run = await unit.runs.byOperation(operation.id);
  if (run === null || runEnded(run.state)) {
    await unit.jobs.finish(job.id);
    return 'again';
  }
  if (job.kind === 'read') {
    await startOrTakeOver(context, unit, job, operation, run, claimer.actor);
    tellClaimed(context, unit, job, operation, run.attempt > 0);
    return { job: await assignment(context, unit, job, operation, run, null, claimer) };
  }
  // What agents are told changes no target of ours: many may work at once.
  const locks = job.kind === 'run' && !isDispatch(operation);
  if (locks && !(await takeTarget(context, unit, job, operation, run))) return 'again';
  const whole = await mayRun(context, unit, operation, run);
  if (!whole.ok) {
    const { code, message } = whole;
    // A doubt about a plan that is not what it was is not cleared by it: a person resolves it.
    if (job.kind === 'reconcile') await unit.jobs.finish(job.id);
    else await stopRun(context, unit, job, operation, run, { code, message });
    return 'again';
  }
  if (job.kind === 'run') await startOrTakeOver(context, unit, job, operation, run, claimer.actor);
  tellClaimed(context, unit, job, operation, job.kind === 'run' ? run.attempt > 0 : job.attempt > 1);
  return { job: await assignment(context, unit, job, operation, run, whole.value, claimer) };
}

async function putAside(context: EngineContext, job: JobRow | null): Promise<void> {
  if (job !== null)
    await commit(
      context,
      'claim',
      (unit) => unit.jobs.requeue(job.id, unreadableRetryMs),
      () => false,
    );
}

/** A job whose rows cannot be read is put aside for a while: whoever claims next gets another. */
async function claimOnce(context: EngineContext, claimer: Claimer): Promise<Claimed> {
  let taken: JobRow | null = null;
  const unit = async (unit: Unit): Promise<Claimed> => {
    const targets = await claimer.queues(unit);
    const panic = await panicIsOn(unit);
    const kinds = claimer.kinds.filter((kind) => kind !== 'run' || !panic);
    if (kinds.length === 0 || targets.length === 0) return 'none';
    const { worker, instance, leaseMs } = claimer;
    const job = await unit.jobs.claim({ kinds, targets, worker, instance, leaseMs });
    taken = job;
    const prepared = job === null ? 'none' : await prepare(context, unit, job, claimer);
    if (job !== null && typeof prepared !== 'string') await claimer.claimed?.(unit, job.subjectId);
    return prepared;
  };
  try {
    return await commit(context, 'claim', unit, (claimed) => claimed !== 'none' && claimed !== 'again');
  } catch (error) {
    if (isUnreadable(error)) await putAside(context, taken);
    throw error;
  }
}

/** A registered worker; throws E_LEASE_LOST when another instance registered since. */
function workerClaimer(context: EngineContext, request: ClaimRequest): Claimer {
  const { worker, instance, kinds } = request;
  let served: readonly WorkerTarget[] = [];
  return {
    ...{ worker, instance, kinds },
    leaseMs: context.settings.leaseMs,
    actor: workerActor(worker),
    async queues(unit) {
      const known = await unit.workers.get(worker);
      if (known === null || known.instance !== instance) {
        throw new CodedError('E_LEASE_LOST', `worker "${worker}" is registered as another instance`, {
          next: 'register again',
        });
      }
      const now = context.clock.now();
      if (now - known.lastSeenAt > seenEveryMs(context)) await unit.workers.seen(worker, now);
      served = known.targets;
      return served.map((target) => target.name);
    },
    does(target, actions) {
      const done = served.find(({ name }) => name === target)?.actions;
      return done === undefined || actions.every((action) => done.includes(action));
    },
  };
}

/** Long poll for one job of a worker: answers at once when there is one, else when one comes, else null after `wait_ms`. */
export async function claimJob(
  context: EngineContext,
  request: ClaimRequest,
  signal: AbortSignal,
): Promise<Job | null> {
  return await claimAs(context, workerClaimer(context, request), request.wait_ms, signal);
}

/** Long poll for one job of any claimer. */
export async function claimAs(
  context: EngineContext,
  claimer: Claimer,
  waitMs: number,
  signal: AbortSignal,
): Promise<Job | null> {
  const until = performance.now() + waitMs;
  while (!signal.aborted) {
    const listener = context.wake.listen(jobsTopic, Math.max(0, Math.min(250, until - performance.now())), signal);
    const claimed = await claimOnce(context, claimer);
    if (claimed !== 'again' && claimed !== 'none') {
      listener.stop();
      return claimed.job;
    }
    if (claimed === 'again') {
      listener.stop();
      continue;
    }
    if (performance.now() >= until) {
      listener.stop();
      return null;
    }
    await listener.done;
  }
  return null;
}

import type { Reads, Unit } from '@countersign/kernel';
import {
  accept,
  approvedIdOf,
  CodedError,
  type DispatchView,
  type Fence,
  type Job,
  JsonObject,
  type Outcome,
  refuse,
  runIdOf,
} from '@countersign/protocol';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { holdsRole, sees } from '../operation/find-operation.ts';
import { claimKey, findKey, type IdempotencyKey, rebindKey } from '../operation/idempotency-key.ts';
import { wholePlan } from '../plan/whole-plan.ts';
import { openInputs } from '../secret/sealed-inputs.ts';
import { type Claimer, claimAs } from '../worker/claim-job.ts';
import { completeJob } from '../worker/complete-job.ts';
import { recordIntent } from '../worker/record-step.ts';
import { agentConnector, dispatchQueue } from './agent-connector.ts';

/** How an agent's lease is held: by its principal, which no worker can be called. */
export function holderOf({ principal }: Pick<Caller, 'principal'>): string {
  return `agent:${principal.id}`;
}

/** The queues of instructions for any agent and for this one, at every target where it has a role. */
function queuesOf({ targets }: EngineContext, caller: Caller): string[] {
  const { root, name: own } = caller.principal;
  return targets
    .filter((target) => target.connector === agentConnector && holdsRole(caller, target, 'actions').ok)
    .flatMap(({ name }) => [dispatchQueue(name, null, root), dispatchQueue(name, own, root)]);
}

/** What was asked for: how long to wait, and the caller's own key for it. */
export interface DispatchClaim {
  readonly waitMs: number;
  readonly requestId: string | undefined;
}

function keyOf(requestId: string | undefined): IdempotencyKey | null {
  return requestId === undefined ? null : { route: 'dispatchClaim', key: requestId, body: {} };
}

/** Whether what a key was bound to did not go out under it, and does not any more: it ended first, or its lease did. */
async function neverHandedOver(
  reads: Pick<Reads, 'jobs' | 'runs'>,
  caller: Caller,
  operationId: string,
): Promise<boolean> {
  const job = await reads.jobs.open(operationId, 'run');
  if (job !== null && job.state === 'claimed' && job.leaseWorker === holderOf(caller)) return false;
  const run = await reads.runs.byOperation(operationId);
  const [step] = run === null ? [] : await reads.runs.steps(run.id);
  return step !== undefined && step.intentAt === null;
}

/** Binds the caller's key to what it got. Of two calls with one key that come at once, one gets something. */
async function bindKey(
  context: EngineContext,
  caller: Caller,
  unit: Unit,
  operationId: string,
  key: IdempotencyKey,
): Promise<void> {
  const bound = await claimKey(context, unit, caller, operationId, key);
  if (bound.ok && bound.value === operationId) return;
  if (bound.ok && (await neverHandedOver(unit, caller, bound.value))) {
    if (await rebindKey(context, unit, caller, operationId, key, bound.value)) return;
  }
  throw new CodedError('E_STATE', 'another call with this request_id is being answered', {
    field: 'request_id',
    next: 'ask again with the same request_id',
  });
}

function claimerOf(context: EngineContext, caller: Caller, key: IdempotencyKey | null): Claimer {
  const queues = queuesOf(context, caller);
  return {
    worker: holderOf(caller),
    instance: context.ids.next(),
    kinds: ['run'],
    leaseMs: context.settings.dispatchLeaseMs,
    actor: actorOf(caller.principal),
    queues: async () => queues,
    ...(key !== null && { claimed: (unit, operationId) => bindKey(context, caller, unit, operationId, key) }),
  };
}

/** What of a job is handed over. */
type Handed = Pick<Job, 'steps' | 'run_id' | 'op_id' | 'correlation_id' | 'target' | 'plan_digest' | 'lease_ms'>;

function viewOf(context: EngineContext, job: Handed, lease: Fence, bundleId: string): DispatchView {
  const { instruction, context: known } = job.steps[0]?.inputs ?? {};
  return {
    run_id: job.run_id ?? '',
    op_id: job.op_id,
    approved_id: approvedIdOf(job.op_id),
    bundle_id: bundleId,
    correlation_id: job.correlation_id,
    target: job.target,
    instruction: typeof instruction === 'string' ? instruction : '',
    context: JsonObject.safeParse(known).data ?? {},
    plan_digest: job.plan_digest ?? '',
    lease,
    lease_ms: job.lease_ms,
    handed_over_at: context.clock.now(),
  };
}

/**
 * Hands an approved instruction, whose run was started, over to an agent; null when none comes within `waitMs`. That it is
 * handed over is durable before it is: from then on an agent that is not heard any more leaves its run in doubt.
 */
export async function claimDispatch(
  context: EngineContext,
  caller: Caller,
  { waitMs, requestId }: DispatchClaim,
  signal: AbortSignal,
): Promise<Outcome<DispatchView | null>> {
  const own = context.targets.filter((target) => target.connector === agentConnector && sees(caller, target));
  if (own.length === 0) {
    return refuse('E_TARGET_UNKNOWN', 'no target here has instructions for you', {
      next: 'ask an administrator for the role "actions" in the project of the agents',
    });
  }
  const key = keyOf(requestId);
  const claimer = claimerOf(context, caller, key);
  const until = performance.now() + waitMs;
  for (;;) {
    const handedBefore = await handedUnder(context, caller, key);
    if (handedBefore !== null) return handedBefore;
    const job = await claimAs(context, claimer, Math.max(0, until - performance.now()), signal);
    if (job === null) return accept(null);
    const lease: Fence = { job_id: job.job_id, fence: job.fence, instance: claimer.instance };
    const handed = await handOver(context, caller, job, lease);
    if (handed !== null) return accept(handed);
  }
}

/** What was handed over under a key already, for as long as its lease is good; null where nothing was. */
async function handedUnder(
  context: EngineContext,
  caller: Caller,
  key: IdempotencyKey | null,
): Promise<Outcome<DispatchView> | null> {
  return await context.store.read(async (reads) => {
    const bound = await findKey(context, reads, caller, key);
    if (bound === null || !bound.ok) return bound;
    if (await neverHandedOver(reads, caller, bound.value)) return null;
    const job = await reads.jobs.open(bound.value, 'run');
    const run = await reads.runs.byOperation(bound.value);
    const operation = await reads.operations.get(bound.value);
    const held = job !== null && job.state === 'claimed' && job.leaseWorker === holderOf(caller);
    if (!held || job.leaseInstance === null || run === null || operation === null) {
      return refuse('E_LEASE_LOST', 'what was handed over under this request_id is over', {
        field: 'request_id',
        next: 'ask with a new request_id for the next instruction',
      });
    }
    const [step] = await reads.runs.steps(run.id);
    if (step?.state !== 'intent') {
      return refuse('E_STATE', 'it is being handed over to another call with this request_id', {
        field: 'request_id',
        next: 'ask again with the same request_id',
      });
    }
    const whole = await wholePlan(context, reads, operation, run.planDigest ?? '');
    if (!whole.ok) return whole;
    const { steps } = openInputs(context.vault, whole.value.body.steps, await reads.sealed.list(operation.id));
    const handed = {
      steps: steps.map((opened, index) => ({ ...opened, index, idempotency_key: `${run.id}.${index}` })),
      run_id: runIdOf(run.id),
      op_id: operation.id,
      correlation_id: operation.correlationId,
      target: operation.target,
      plan_digest: whole.value.digest,
      lease_ms: context.settings.dispatchLeaseMs,
    };
    const lease = { job_id: job.id, fence: job.fence, instance: job.leaseInstance };
    return accept(viewOf(context, handed, lease, operation.bundleId));
  });
}

/** Records that the instruction goes out, and answers it; null where the run ends instead. */
async function handOver(context: EngineContext, caller: Caller, job: Job, lease: Fence): Promise<DispatchView | null> {
  const actor = actorOf(caller.principal);
  const before = { handed_to: caller.principal.name, root: caller.principal.root };
  const intent = await recordIntent(context, lease, { index: 0, before, guard: null }, actor);
  if (intent.go) {
    const operation = await context.store.read((reads) => reads.operations.get(job.op_id));
    return viewOf(context, job, lease, operation?.bundleId ?? '');
  }
  const failure =
    intent.why === 'panic'
      ? { code: 'E_PANIC', message: 'panic mode came on before the instruction was handed over' }
      : { code: 'E_CANCELLED', message: 'cancelled before the instruction was handed over' };
  const result = intent.why === 'panic' ? ('failed' as const) : ('cancelled' as const);
  await completeJob(context, lease, { kind: 'run', result, failure, artifacts: [] }, actor);
  return null;
}

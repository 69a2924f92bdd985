import { blockingChecks, type Operation, type PlanRecord, type Run, runEnded, type Unit } from '@countersign/kernel';
import {
  accept,
  type Obligation,
  type Outcome,
  type Refusal,
  type RefusalDetail,
  refuse,
  runIdOf,
} from '@countersign/protocol';
import { operationSubject, recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { decideRun, type When } from '../operation/decide-verdict.ts';
import { lockOperation, notFound } from '../operation/find-operation.ts';
import { claimKey, findKey, type IdempotencyKey } from '../operation/idempotency-key.ts';
import { wholePlan } from '../plan/whole-plan.ts';
import { panicIsOn } from '../setting/panic.ts';
import { createRun } from './create-run.ts';

export interface StartRequest {
  readonly opId: string;
  readonly digest: string | undefined;
  readonly requestId: string | undefined;
  readonly busy: 'queue' | 'refuse';
}

async function shownDigest(
  unit: Unit,
  caller: Caller,
  operation: Operation,
  plan: PlanRecord,
  wanted: string | undefined,
): Promise<Outcome<null>> {
  const digest = wanted ?? (await unit.plans.shownTo(operation.id, caller.principal.id))?.digest;
  if (digest === undefined) {
    return refuse('E_PLAN_NOT_SHOWN', 'this plan was never shown to you', {
      next: `look at it first: GET /v1/ops/${operation.id}`,
    });
  }
  if (digest !== plan.digest) {
    return refuse('E_DIGEST_MISMATCH', 'that is not the digest of the current plan', {
      field: 'digest',
      digest: plan.digest,
      next: 'look at the current plan, then start it by its digest',
    });
  }
  return accept(null);
}

async function refuseBusy(unit: Unit, operation: Operation): Promise<Outcome<null>> {
  const holder = await unit.locks.holder(operation.target.name);
  if (holder === null) return accept(null);
  return refuse('E_TARGET_BUSY', `target "${operation.target.name}" is held by another run`, {
    op_id: holder.operationId,
    run_id: runIdOf(holder.runId),
    next: 'wait for it, or start with busy "queue"',
  });
}

/** Why nothing may run there now, and when it may, beside the verdict that says so. */
async function momentDetail(context: EngineContext, unit: Unit, { target, id }: Operation): Promise<RefusalDetail> {
  const freeze = await unit.freezes.at(target.project, target.environment, context.clock.now());
  const open = context.windows.isOpen(target, context.clock.now());
  if (freeze === null && open) return { next: 'ask an administrator' };
  const glass = `break the glass: countersign break-glass use ${id} --reason "…"`;
  if (freeze === null) return { outside_of_windows: true, next: `wait, or ${glass}` };
  const { by, reason, until } = freeze;
  const end = until === null ? 'until it is lifted' : `until ${new Date(until).toISOString()}`;
  const thaw = `countersign thaw ${target.project} ${target.environment} --reason "…"`;
  const next = `wait (${by} froze it ${end}: ${reason}), have it lifted: ${thaw}, or ${glass}`;
  return { frozen: { by, reason, until }, next };
}

/** Everything that a start has to meet but for the one run that there may be; answers the plan that is to run. */
export async function checkStart(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  request: Pick<StartRequest, 'opId' | 'digest' | 'busy'>,
  operation: Operation,
  when: Exclude<When, 'once_mended'>,
): Promise<Outcome<PlanRecord>> {
  if (operation.state !== 'planned') {
    return refuse(
      'E_STATE',
      `the operation is ${operation.state}${operation.closedReason === null ? '' : ` (${operation.closedReason})`}`,
      {
        next: operation.state === 'closed' ? 'propose a new operation' : 'wait for its plan',
      },
    );
  }
  const whole = await wholePlan(context, unit, operation);
  if (!whole.ok) return whole;
  const plan = whole.value;
  const shown = await shownDigest(unit, caller, operation, plan, request.digest);
  if (!shown.ok) return shown;
  const blocking = blockingChecks(plan.body.checks);
  if (blocking.length > 0) {
    return refuse(
      'E_CHECKS_FAILED',
      `${blocking.length} failing check(s) block the run: ${blocking.map((item) => item.id).join(', ')}`,
      {
        checks: blocking.map((item) => ({ id: item.id, message: item.message })),
        next: 'mend what the checks name, then plan again',
      },
    );
  }
  if (await panicIsOn(unit))
    return refuse('E_PANIC', 'panic mode is on: nothing may start', {
      next: 'an administrator lifts it with `countersign step-up` and `countersign panic off`',
    });
  const { verdict } = await decideRun(context, unit, operation, plan, when);
  if (verdict.decision === 'deny')
    return refuse('E_POLICY_DENIED', verdict.reason, { verdict, ...(await momentDetail(context, unit, operation)) });
  if (verdict.decision === 'needs') {
    return refuse('E_APPROVAL_REQUIRED', verdict.reason, {
      verdict,
      digest: plan.digest,
      next: wantsConfirmation(verdict.obligations)
        ? `confirm it: countersign confirm ${operation.id}`
        : `another person approves it: countersign approve ${operation.id}`,
    });
  }
  const busy = request.busy === 'refuse' ? await refuseBusy(unit, operation) : accept(null);
  return busy.ok ? accept(plan) : busy;
}

/** An operation has one run. */
export function refuseSecondRun({ state }: Run): Refusal {
  return refuse('E_STATE', `the operation has its one run already (${runEnded(state) ? 'ended' : 'under way'})`, {
    next: 'to do it again, propose a new operation',
  });
}

function keyOf({ opId, digest, requestId }: StartRequest): IdempotencyKey | null {
  if (requestId === undefined) return null;
  return { route: 'ops.execute', key: requestId, body: { op_id: opId, ...(digest === undefined ? {} : { digest }) } };
}

async function start(context: EngineContext, unit: Unit, caller: Caller, request: StartRequest): Promise<Outcome<Run>> {
  const found = await lockOperation(unit, caller, request.opId, 'actions');
  if (!found.ok) return found;
  const operation = found.value;
  if (operation.effect === 'read') return notFound(request.opId);
  const key = keyOf(request);
  const existing = await unit.runs.byOperation(operation.id);
  if (existing !== null) {
    const standing = await findKey(context, unit, caller, key);
    if (standing !== null && !standing.ok) return standing;
    if (standing?.value === operation.id) return accept(existing);
    return refuseSecondRun(existing);
  }
  const plan = await checkStart(context, unit, caller, request, operation, 'now');
  if (!plan.ok) return plan;
  if (key !== null) {
    const claimed = await claimKey(context, unit, caller, operation.id, key);
    if (!claimed.ok) return claimed;
  }
  return accept(await createRun(context, unit, operation, plan.value, actorOf(caller.principal), caller.correlationId));
}

/** Starts the one run of an operation that policy allows now. The same request id answers the same run. */
export async function startRun(context: EngineContext, caller: Caller, request: StartRequest): Promise<Outcome<Run>> {
  const result = await commit(context, 'start', async (unit) => {
    const started = await start(context, unit, caller, request);
    return started;
  });
  if (!result.ok && result.code !== 'E_NOT_FOUND') await recordRefusal(context, caller, request.opId, result);
  return result;
}

async function recordRefusal(context: EngineContext, caller: Caller, opId: string, refusal: Refusal): Promise<void> {
  await recordAlone(context, {
    event: 'run.refused',
    actor: actorOf(caller.principal),
    subject: operationSubject(opId),
    outcome: 'refused',
    correlationId: caller.correlationId,
    detail: { code: refusal.code, message: refusal.message },
  });
}

/** Whether the requester's own word comes first; a step-up by itself is given with it too. */
function wantsConfirmation(obligations: readonly Obligation[]): boolean {
  const wanted = obligations.map(({ kind }) => kind);
  return wanted.includes('confirm') || !wanted.includes('approve');
}

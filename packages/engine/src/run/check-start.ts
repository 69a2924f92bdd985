import { blockingChecks, type Operation, type PlanRecord, type Unit } from '@countersign/kernel';
import { accept, type Obligation, type Outcome, type RefusalDetail, refuse, runIdOf } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { decideRun, type When } from '../operation/decide-verdict.ts';
import { type WholePlan, wholePlan } from '../plan/whole-plan.ts';
import { panicIsOn } from '../setting/panic.ts';

export interface StartRequest {
  readonly opId: string;
  readonly digest: string | undefined;
  readonly requestId: string | undefined;
  readonly busy: 'queue' | 'refuse';
}

/** Whether a plan is the one that the caller means: the one of this digest, or the one last shown to them. */
export async function shownDigest(
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

/** The plan of an operation that nothing was done about yet, whole and current. */
export async function plannedNow(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
): Promise<Outcome<WholePlan>> {
  if (operation.state !== 'planned') {
    return refuse(
      'E_STATE',
      `the operation is ${operation.state}${operation.closedReason === null ? '' : ` (${operation.closedReason})`}`,
      {
        next: operation.state === 'closed' ? 'propose a new operation' : 'wait for its plan',
      },
    );
  }
  return await wholePlan(context, unit, operation);
}

/** Whether a plan may run: no check blocks it, nothing is stopped, and policy allows it. */
export async function checkPlan(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  plan: WholePlan,
  when: Exclude<When, 'once_mended'>,
): Promise<Outcome<null>> {
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
  return accept(null);
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
  const planned = await plannedNow(context, unit, operation);
  if (!planned.ok) return planned;
  const plan = planned.value;
  const shown = await shownDigest(unit, caller, operation, plan, request.digest);
  if (!shown.ok) return shown;
  const may = await checkPlan(context, unit, operation, plan, when);
  if (!may.ok) return may;
  const busy = request.busy === 'refuse' ? await refuseBusy(unit, operation) : accept(null);
  return busy.ok ? accept(plan) : busy;
}

/** Whether the requester's own word comes first; a step-up by itself is given with it too. */
function wantsConfirmation(obligations: readonly Obligation[]): boolean {
  const wanted = obligations.map(({ kind }) => kind);
  return wanted.includes('confirm') || !wanted.includes('approve');
}

import {
  type Approval,
  type DisplayStatus,
  displayStatus,
  type Operation,
  type PlanRecord,
  type Reads,
  type Run,
  runEnded,
  statusWords,
} from '@countersign/kernel';
import {
  type ApprovalView,
  isSteppedUp,
  type JsonObject,
  type OperationView,
  runIdOf,
  type StepUpWanted,
  type Verdict,
} from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { viewRun } from '../run/view-run.ts';
import { freshStepUp } from '../step-up/require-step-up.ts';
import { decideRun, demanded } from './decide-verdict.ts';
import { nextSteps } from './next-steps.ts';

/** `countedAt` is when it was last asked whether it counts: at the run's creation, else now. */
function viewApproval(approval: Approval, countedAt: number): ApprovalView {
  const { statement } = approval;
  const taken = approval.consumedByRun === null ? 'valid' : 'consumed';
  return {
    approval_id: approval.id,
    kind: statement.kind,
    principal: statement.approver,
    groups: [...(statement.approver_groups ?? [])],
    stepped_up: isSteppedUp(statement),
    plan_digest: statement.plan_digest,
    comment: statement.comment,
    issued_at: statement.issued_at,
    expires_at: statement.expires_at,
    state: approval.voidedAt !== null ? 'void' : statement.expires_at <= countedAt ? 'expired' : taken,
  };
}

function viewPlan(plan: PlanRecord): NonNullable<OperationView['plan']> {
  return {
    revision: plan.revision,
    digest: plan.digest,
    identity: plan.body?.target.identity ?? null,
    preconditions: plan.body?.preconditions ?? [],
    rollback: plan.body?.rollback ?? null,
    volatile: [...plan.volatile],
    error: plan.error,
    created_at: plan.createdAt,
  };
}

async function blocker(reads: Reads, operation: Operation, run: Run | null): Promise<OperationView['blocked_by']> {
  if (operation.effect === 'read' || (run !== null && run.state !== 'queued')) return null;
  const holder = await reads.locks.holder(operation.target.name);
  return holder === null || holder.operationId === operation.id
    ? null
    : { op_id: holder.operationId, run_id: runIdOf(holder.runId) };
}

/** A verdict that leant on decisions which have expired since is asked for again: nothing shows as ready that would not start. */
async function standingVerdict(
  context: EngineContext,
  reads: Reads,
  operation: Operation,
  plan: PlanRecord | null,
  approvals: readonly Approval[],
): Promise<Operation['verdict']> {
  const { verdict, state } = operation;
  const now = context.clock.now();
  const lapsed = approvals.some(({ voidedAt, statement }) => voidedAt === null && statement.expires_at <= now);
  if (plan === null || state !== 'planned' || verdict?.decision !== 'allow' || !lapsed) return verdict;
  return (await decideRun(context, reads, operation, plan)).verdict;
}

/** Why what is ready may not start at this moment; null where it may. */
async function heldBy(
  context: EngineContext,
  reads: Reads,
  operation: Operation,
  plan: PlanRecord | null,
): Promise<JsonObject | null> {
  const { project, environment } = operation.target;
  const now = context.clock.now();
  const freeze = await reads.freezes.at(project, environment, now);
  const open = context.windows.isOpen(operation.target, now);
  if (plan === null || (freeze === null && open)) return null;
  const { verdict } = await decideRun(context, reads, operation, plan, 'now');
  if (verdict.decision !== 'deny') return null;
  const frozen = freeze === null ? null : { by: freeze.by, reason: freeze.reason, until: freeze.until };
  return { frozen, in_window: open, reason: verdict.reason };
}

/**
 * What the caller's own decision would need. Once one decision counts, policy no longer lists the step-up that the next one needs
 * all the same, so it is asked as if there were none.
 */
async function stepUpFor(
  context: EngineContext,
  reads: Reads,
  operation: Operation,
  plan: PlanRecord | null,
  verdict: Verdict | null,
  caller: Caller,
): Promise<StepUpWanted> {
  const { kind, ai } = caller.principal;
  if (plan === null || operation.state !== 'planned' || verdict?.decision !== 'needs') return 'none';
  if (ai || kind !== 'person') return 'none';
  const listed = [...verdict.obligations, ...(await demanded(context, reads, operation, plan, 'once_mended'))];
  if (!listed.some((obligation) => obligation.kind === 'step_up')) return 'none';
  return freshStepUp(context, caller) === null ? 'needed' : 'fresh';
}

/** One operation as a caller sees it, on every face, its plan record, and how it stands. */
export async function viewOperation(
  context: EngineContext,
  reads: Reads,
  operation: Operation,
  caller: Caller,
): Promise<{ view: OperationView; plan: PlanRecord | null; display: DisplayStatus }> {
  const plan = operation.revision === 0 ? null : await reads.plans.get(operation.id, operation.revision);
  const approvals = await reads.approvals.list(operation.id);
  const run = await reads.runs.byOperation(operation.id);
  const undo = await reads.operations.rollbackOf(operation.id);
  const undone = undo?.closedReason === 'executed' ? undo.id : null;
  const now = context.clock.now();
  const verdict = run?.verdict ?? (await standingVerdict(context, reads, operation, plan, approvals));
  const standing = displayStatus({ ...operation, verdict }, plan, approvals, run, now, undone !== null);
  const held = standing.status === 'ready' ? await heldBy(context, reads, operation, plan) : null;
  const { status, detail } = held === null ? standing : { status: 'held' as const, detail: held };
  const stepUp = run === null ? await stepUpFor(context, reads, operation, plan, verdict, caller) : 'none';
  const canRollBack = run !== null && runEnded(run.state) && undone === null && plan?.body?.rollback.possible === true;
  const view: OperationView = {
    op_id: operation.id,
    bundle_id: operation.bundleId,
    status: statusWords[status].cp,
    display: status,
    detail,
    state: operation.state,
    closed_reason: operation.closedReason,
    origin: operation.origin,
    target: operation.target,
    effect: operation.effect,
    risk: operation.risk,
    steps: [...operation.steps],
    start: operation.start,
    note: operation.note,
    requester: { name: operation.requester.name, root: operation.requester.root, ai: operation.requester.ai },
    planned_by: operation.plannedBy,
    diffs: plan?.body?.diffs ?? [],
    checks: plan?.body?.checks ?? [],
    plan: plan === null ? null : viewPlan(plan),
    verdict,
    approvals: approvals.map((approval) => viewApproval(approval, run?.createdAt ?? now)),
    step_up: stepUp,
    run: run === null ? null : await viewRun(reads, run),
    rollback_of: operation.rollbackOf,
    rolled_back_by: undone,
    group_id: operation.groupId,
    evidence: operation.effect === 'read' ? null : ((await reads.evidence.get(operation.bundleId))?.state ?? null),
    blocked_by: await blocker(reads, operation, run),
    created_at: operation.createdAt,
    updated_at: operation.updatedAt,
    next: [...(stepUp === 'needed' ? ['countersign step-up'] : []), ...nextSteps(operation, status, canRollBack)],
  };
  return { view, plan, display: status };
}

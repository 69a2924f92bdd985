import type { JsonObject, OperationStatus } from '@countersign/protocol';
import type { Approval } from '../approval/approval.ts';
import { liveApprovals } from '../approval/approval-rules.ts';
import { blockingChecks } from '../plan/blocking-checks.ts';
import type { PlanRecord } from '../plan/plan-record.ts';
import type { Run } from '../run/run.ts';
import type { Operation } from './operation.ts';

/** The finest status word; every face's own words are looked up from it. */
export type DisplayStatus =
  | 'draft'
  | 'planning'
  | 'plan_failed'
  | 'checks_failed'
  | 'waiting_confirmation'
  | 'waiting_approval'
  | 'ready'
  | 'held'
  | 'queued'
  | 'running'
  | 'cancelling'
  | 'succeeded'
  | 'failed'
  | 'stale'
  | 'cancelled'
  | 'outcome_unknown'
  | 'rolled_back'
  | 'rejected'
  | 'withdrawn'
  | 'denied'
  | 'expired';

/** One row per status: the words of the control plane (CP), the action API (IP) and the drafts API (OR). */
export const statusWords: Readonly<
  Record<
    DisplayStatus,
    {
      cp: OperationStatus;
      ip: 'pending' | 'running' | 'completed' | 'error';
      orDraft: 'draft' | 'approved' | 'rejected' | 'error';
      orRun: 'pending' | 'running' | 'done' | 'error';
    }
  >
> = {
  draft: { cp: 'queued', ip: 'pending', orDraft: 'draft', orRun: 'pending' },
  planning: { cp: 'queued', ip: 'pending', orDraft: 'draft', orRun: 'pending' },
  plan_failed: { cp: 'failed', ip: 'error', orDraft: 'error', orRun: 'error' },
  checks_failed: { cp: 'planned', ip: 'pending', orDraft: 'draft', orRun: 'pending' },
  waiting_confirmation: { cp: 'planned', ip: 'pending', orDraft: 'draft', orRun: 'pending' },
  waiting_approval: { cp: 'planned', ip: 'pending', orDraft: 'draft', orRun: 'pending' },
  ready: { cp: 'planned', ip: 'pending', orDraft: 'approved', orRun: 'pending' },
  held: { cp: 'planned', ip: 'pending', orDraft: 'approved', orRun: 'pending' },
  queued: { cp: 'running', ip: 'pending', orDraft: 'approved', orRun: 'pending' },
  running: { cp: 'running', ip: 'running', orDraft: 'approved', orRun: 'running' },
  cancelling: { cp: 'running', ip: 'running', orDraft: 'approved', orRun: 'running' },
  succeeded: { cp: 'succeeded', ip: 'completed', orDraft: 'approved', orRun: 'done' },
  failed: { cp: 'failed', ip: 'error', orDraft: 'approved', orRun: 'error' },
  stale: { cp: 'failed', ip: 'error', orDraft: 'approved', orRun: 'error' },
  cancelled: { cp: 'failed', ip: 'error', orDraft: 'approved', orRun: 'error' },
  outcome_unknown: { cp: 'failed', ip: 'error', orDraft: 'approved', orRun: 'error' },
  rolled_back: { cp: 'rolled_back', ip: 'completed', orDraft: 'approved', orRun: 'done' },
  rejected: { cp: 'failed', ip: 'error', orDraft: 'rejected', orRun: 'error' },
  withdrawn: { cp: 'failed', ip: 'error', orDraft: 'rejected', orRun: 'error' },
  denied: { cp: 'failed', ip: 'error', orDraft: 'rejected', orRun: 'error' },
  expired: { cp: 'failed', ip: 'error', orDraft: 'rejected', orRun: 'error' },
};

function runStatus(run: Run, rolledBack: boolean): DisplayStatus {
  if (run.state === 'failed')
    return run.failure?.code === 'E_PLAN_STALE' ? 'stale' : rolledBack ? 'rolled_back' : 'failed';
  if (run.state === 'succeeded') return rolledBack ? 'rolled_back' : 'succeeded';
  return run.state;
}

function waitingStatus(
  operation: Operation,
  plan: PlanRecord | null,
  approvals: readonly Approval[],
  now: number,
): DisplayStatus {
  if (plan === null) return 'planning';
  if (plan.state === 'error' || plan.body === null) return 'plan_failed';
  if (blockingChecks(plan.body.checks).length > 0) return 'checks_failed';
  const verdict = operation.verdict;
  if (verdict === null || verdict.decision === 'deny') return 'denied';
  const live = liveApprovals(approvals, plan.digest ?? '', now);
  const lapsed =
    verdict.decision === 'allow' && approvals.some((approval) => approval.voidedAt === null) && live.length === 0;
  if (verdict.decision === 'allow' && !lapsed) return 'ready';
  // A step-up that is wanted alone is given with the requester's own confirmation.
  const wanted = verdict.obligations.map(({ kind }) => kind);
  const own = wanted.includes('confirm') || (wanted.includes('step_up') && !wanted.includes('approve'));
  return own ? 'waiting_confirmation' : 'waiting_approval';
}

/** The one place that says how an operation stands. Pure. */
export function displayStatus(
  operation: Operation,
  plan: PlanRecord | null,
  approvals: readonly Approval[],
  run: Run | null,
  now: number,
  rolledBack = false,
): { status: DisplayStatus; detail: JsonObject } {
  if (run !== null) {
    const status = runStatus(run, rolledBack);
    const detail: JsonObject = status === 'outcome_unknown' ? { outcome: 'unknown' } : {};
    return { status, detail: run.failure === null ? detail : { ...detail, code: run.failure.code } };
  }
  if (operation.state === 'draft' || operation.state === 'planning') return { status: operation.state, detail: {} };
  if (operation.state === 'closed') {
    const reason = operation.closedReason ?? 'failed';
    if (reason === 'executed') return { status: 'succeeded', detail: {} };
    if (reason === 'failed') return { status: plan?.state === 'error' ? 'plan_failed' : 'failed', detail: {} };
    return { status: reason, detail: {} };
  }
  return { status: waitingStatus(operation, plan, approvals, now), detail: {} };
}

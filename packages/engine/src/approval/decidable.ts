import { liveApprovals, mayDecide, type Operation, type Unit } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { decideApprover } from '../operation/decide-verdict.ts';
import { lockOperation, notFound } from '../operation/find-operation.ts';
import { type WholePlan, wholePlan } from '../plan/whole-plan.ts';
import { redeemConfirmation } from './issue-confirmation.ts';

interface Decided {
  readonly opId: string;
  /** Digest of the plan that was shown. A rejection may leave it out. */
  readonly digest: string | undefined;
  readonly comment: string;
}
/**
 * What a person decides. A confirmation comes with the one-time token that was given with the plan, and so does the approval of
 * one's own proposal, where the profile takes that; null where the source's contract knows no such token, and the plan that was
 * shown is named by its digest alone.
 */
export type Decision = Decided &
  (
    | { readonly kind: 'reject' }
    | { readonly kind: 'approve'; readonly confirmation?: string | null | undefined }
    | { readonly kind: 'confirm'; readonly confirmation: string | null }
  );

/** The role that each decision needs at the target. */
const needs = { confirm: 'actions', approve: 'approver', reject: 'approver' } as const;

/** An operation that may be decided on, with its plan as it stands. */
export interface Decidable {
  readonly operation: Operation;
  readonly plan: WholePlan;
}

/** Finds and locks an operation on which this caller may give this decision now, and spends the one-time token that comes with it. */
export async function decidable(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  decision: Decision,
): Promise<Outcome<Decidable>> {
  const found = await lockOperation(unit, caller, decision.opId, needs[decision.kind]);
  if (!found.ok) return found;
  const operation = found.value;
  if (operation.effect === 'read') return notFound(decision.opId);
  const allowed = mayDecide(decision.kind, caller.principal, operation.requester, context.decider.profile);
  if (!allowed.ok) return allowed;
  const approver = decision.kind === 'approve' ? decideApprover(context, caller, operation) : null;
  if (approver?.decision === 'deny') {
    return refuse('E_POLICY_DENIED', approver.reason, {
      verdict: approver,
      next: 'ask somebody who may approve: countersign policy explain',
    });
  }
  if (operation.state === 'closed' || (await unit.runs.byOperation(operation.id)) !== null) {
    return refuse(
      'E_ALREADY_DECIDED',
      `the operation was decided already: it is ${operation.closedReason ?? 'running'}`,
      {
        next: `see \`countersign show ${operation.id}\``,
      },
    );
  }
  if (operation.state !== 'planned') {
    return refuse('E_STATE', 'the operation has no plan to decide on yet', { next: 'wait for its plan' });
  }
  const whole = await wholePlan(context, unit, operation);
  if (!whole.ok) return whole;
  const { digest } = whole.value;
  const wanted = decision.digest ?? (decision.kind === 'reject' ? digest : undefined);
  if (wanted !== digest) {
    return refuse('E_DIGEST_MISMATCH', 'that is not the digest of the current plan', {
      field: 'digest',
      digest,
      next: 'look at the current plan and decide on that',
    });
  }
  const shown = await unit.plans.shownTo(operation.id, caller.principal.id);
  if (decision.kind !== 'reject' && shown?.digest !== digest) {
    return refuse('E_PLAN_NOT_SHOWN', 'this plan was never shown to you', {
      next: `look at it first: GET /v1/ops/${operation.id}`,
    });
  }
  if (
    decision.kind === 'reject' &&
    operation.verdict?.decision === 'allow' &&
    liveApprovals(await unit.approvals.list(operation.id), digest, context.clock.now()).some(
      (given) => given.statement.kind === 'approve',
    )
  ) {
    return refuse('E_ALREADY_DECIDED', 'the operation was approved already', {
      next: `whoever proposed it may withdraw it: countersign cancel ${operation.id}`,
    });
  }
  const own = caller.principal.root === operation.requester.root;
  if (decision.kind !== 'reject' && own && decision.confirmation !== null) {
    const use = { operationId: operation.id, digest, text: decision.confirmation ?? '' };
    const redeemed = await redeemConfirmation(context, unit, caller, use);
    if (!redeemed.ok) return redeemed;
  }
  return accept({ operation, plan: whole.value });
}

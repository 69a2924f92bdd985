import { signApproval } from '@countersign/evidence';
import { closeOperation, liveApprovals, mayDecide, type Operation, type Unit } from '@countersign/kernel';
import {
  type ApprovalKind,
  type ApprovalStatement,
  type AuditEventName,
  accept,
  isSteppedUp,
  type Outcome,
  type Refusal,
  refuse,
} from '@countersign/protocol';
import { operationSubject, placeOf, recordAlone, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { decideApprover, decideRun } from '../operation/decide-verdict.ts';
import { lockOperation, notFound } from '../operation/find-operation.ts';
import { lockStanding } from '../person/standing-person.ts';
import { type WholePlan, wholePlan } from '../plan/whole-plan.ts';
import { startByItself } from '../run/create-run.ts';
import { freshStepUp } from '../step-up/require-step-up.ts';
import { emit } from '../stream/operation-stream.ts';
import { holdingApprovals } from './holding-approvals.ts';
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

const events: Readonly<Record<ApprovalKind, AuditEventName>> = {
  confirm: 'approval.confirmed',
  approve: 'approval.approved',
  reject: 'approval.rejected',
};

/** The role that each decision needs at the target. */
const needs = { confirm: 'actions', approve: 'approver', reject: 'approver' } as const;

interface Decidable {
  readonly operation: Operation;
  readonly plan: WholePlan;
}

async function decidable(
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

/** Whether a decision that stands already is worth what it would be worth if it were signed again now. */
function saysAsMuch(statement: ApprovalStatement, provedAt: number | null, groups: readonly string[]): boolean {
  const stands = statement.approver_groups ?? [];
  return (provedAt === null || isSteppedUp(statement)) && groups.every((group) => stands.includes(group));
}

/** Signs and keeps a decision; answers false when exactly this one stands already. */
async function sign(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  decision: Decision,
  { operation, plan }: Decidable,
): Promise<boolean> {
  const now = context.clock.now();
  const live = liveApprovals(await unit.approvals.list(operation.id), plan.digest, now);
  const given = await holdingApprovals(context, unit, operation, plan.digest, live);
  const provedAt = freshStepUp(context, caller);
  const groups = [...caller.principal.groups].sort();
  const same = given.find(
    ({ principal, statement }) =>
      principal === caller.principal.id && statement.kind === decision.kind && saysAsMuch(statement, provedAt, groups),
  );
  const { verdict, verdictDigest } = operation;
  if (same !== undefined || verdict === null || verdictDigest === null) return false;
  const statement: ApprovalStatement = {
    schema: 'countersign.approval.v1',
    kind: decision.kind,
    op_id: operation.id,
    bundle_id: operation.bundleId,
    plan_digest: plan.digest,
    verdict_digest: verdictDigest,
    requester_root: operation.requester.root,
    approver: caller.principal.name,
    approver_root: caller.principal.root,
    comment: decision.comment,
    issued_at: now,
    expires_at: now + context.settings.approvalTtlMs,
    ...(groups.length === 0 ? {} : { approver_groups: groups }),
    ...(provedAt === null ? {} : { stepped_up_at: provedAt }),
  };
  await unit.approvals.insert({
    id: context.ids.next(),
    operationId: operation.id,
    principal: caller.principal.id,
    statement,
    envelope: signApproval(statement, context.keys.signer),
    verdict,
    consumedByRun: null,
    voidedAt: null,
  });
  await recordAudit(context, unit, {
    event: events[decision.kind],
    actor: actorOf(caller.principal),
    subject: operationSubject(operation.id),
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: {
      digest: plan.digest,
      comment: decision.comment,
      ...placeOf(operation),
      waited_ms: Math.max(0, now - operation.createdAt),
    },
  });
  return true;
}

async function afterDecision(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  decision: Decision,
  { operation, plan }: Decidable,
): Promise<void> {
  const now = context.clock.now();
  if (decision.kind === 'reject') {
    await unit.operations.save(closeOperation(operation, 'rejected', now));
    await unit.sealed.delete(operation.id);
    await emit(context, unit, operation.id, [
      { type: 'state', subject: 'operation', state: 'rejected', detail: { reason: decision.comment } },
      { type: 'end', state: 'rejected' },
    ]);
    return;
  }
  const { verdict, digest } = await decideRun(context, unit, operation, plan);
  const decided: Operation = { ...operation, verdict, verdictDigest: digest, updatedAt: now };
  await unit.operations.save(decided);
  await emit(context, unit, operation.id, [
    { type: 'state', subject: 'operation', state: verdict.decision === 'allow' ? 'ready' : 'planned' },
  ]);
  await startByItself(context, unit, decided, plan, actorOf(caller.principal), caller.correlationId);
}

/** Confirms, approves or rejects exactly the plan that was shown. Of concurrent decisions one wins and the others are told. */
export async function decideApproval(
  context: EngineContext,
  caller: Caller,
  given: Decision,
): Promise<Outcome<string>> {
  const result = await commit(context, 'approve', async (unit): Promise<Outcome<string>> => {
    const standing = await lockStanding(unit, caller);
    return standing.ok ? await decideIn(context, unit, caller, given) : standing;
  });
  if (!result.ok) await tellRefusal(context, caller, given, result);
  return result;
}

/** Gives a decision inside a unit. */
export async function decideIn(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  given: Decision,
): Promise<Outcome<string>> {
  const decision: Decision = { ...given, comment: withoutSecrets(given.comment) };
  const found = await decidable(context, unit, caller, decision);
  if (!found.ok) return found;
  const fresh = await sign(context, unit, caller, decision, found.value);
  if (fresh) await afterDecision(context, unit, caller, decision, found.value);
  return accept(decision.opId);
}

/** Tells in the audit that a decision was not taken. */
export async function tellRefusal(
  context: EngineContext,
  caller: Caller,
  { opId, kind }: Pick<Decision, 'opId' | 'kind'>,
  { code, message }: Refusal,
): Promise<void> {
  if (code === 'E_NOT_FOUND') return;
  await recordAlone(context, {
    event: 'approval.refused',
    actor: actorOf(caller.principal),
    subject: operationSubject(opId),
    outcome: 'refused',
    correlationId: caller.correlationId,
    detail: { kind, code, message },
  });
}

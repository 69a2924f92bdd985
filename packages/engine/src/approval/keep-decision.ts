import { type Approval, closeOperation, liveApprovals, type Operation, type Unit } from '@countersign/kernel';
import {
  type ApprovalKind,
  type ApprovalStatement,
  type AuditEventName,
  type DsseEnvelope,
  isSteppedUp,
  type JsonObject,
} from '@countersign/protocol';
import { operationSubject, placeOf, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { decideRun } from '../operation/decide-verdict.ts';
import { startByItself } from '../run/create-run.ts';
import { freshStepUp } from '../step-up/require-step-up.ts';
import { emit } from '../stream/operation-stream.ts';
import type { Decidable, Decision } from './decidable.ts';
import { holdingApprovals } from './holding-approvals.ts';

const events: Readonly<Record<ApprovalKind, AuditEventName>> = {
  confirm: 'approval.confirmed',
  approve: 'approval.approved',
  reject: 'approval.rejected',
};

/** Whether a decision that stands already is worth what it would be worth if it were signed again now. */
function saysAsMuch(statement: ApprovalStatement, provedAt: number | null, groups: readonly string[]): boolean {
  const stands = statement.approver_groups ?? [];
  return (provedAt === null || isSteppedUp(statement)) && groups.every((group) => stands.includes(group));
}

/** What a decision says when it is signed now; null where exactly that stands already, or policy has not judged the plan. */
export async function statementOf(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  { kind, comment }: Pick<Decision, 'kind' | 'comment'>,
  { operation, plan }: Decidable,
): Promise<ApprovalStatement | null> {
  const now = context.clock.now();
  const live = liveApprovals(await unit.approvals.list(operation.id), plan.digest, now);
  const given = await holdingApprovals(context, unit, operation, plan.digest, live);
  const provedAt = freshStepUp(context, caller);
  const groups = [...caller.principal.groups].sort();
  const same = given.find(
    ({ principal, statement }) =>
      principal === caller.principal.id && statement.kind === kind && saysAsMuch(statement, provedAt, groups),
  );
  const { verdictDigest } = operation;
  if (same !== undefined || operation.verdict === null || verdictDigest === null) return null;
  return {
    schema: 'countersign.approval.v1',
    kind,
    op_id: operation.id,
    bundle_id: operation.bundleId,
    plan_digest: plan.digest,
    verdict_digest: verdictDigest,
    requester_root: operation.requester.root,
    approver: caller.principal.name,
    approver_root: caller.principal.root,
    comment,
    issued_at: now,
    expires_at: now + context.settings.approvalTtlMs,
    ...(groups.length === 0 ? {} : { approver_groups: groups }),
    ...(provedAt === null ? {} : { stepped_up_at: provedAt }),
  };
}

/** Keeps a signed decision on an operation, and what follows from it. */
export async function keepDecision(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  decidable: Decidable,
  signed: { readonly statement: ApprovalStatement; readonly envelope: DsseEnvelope },
  more: JsonObject = {},
): Promise<void> {
  const { operation, plan } = decidable;
  const { statement, envelope } = signed;
  if (operation.verdict === null) throw new Error('a decision is given under a verdict');
  const approval: Approval = {
    id: context.ids.next(),
    operationId: operation.id,
    principal: caller.principal.id,
    statement,
    envelope,
    verdict: operation.verdict,
    consumedByRun: null,
    voidedAt: null,
  };
  await unit.approvals.insert(approval);
  await recordAudit(context, unit, {
    event: events[statement.kind],
    actor: actorOf(caller.principal),
    subject: operationSubject(operation.id),
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: {
      digest: plan.digest,
      comment: statement.comment,
      ...placeOf(operation),
      waited_ms: Math.max(0, statement.issued_at - operation.createdAt),
      ...more,
    },
  });
  await afterDecision(context, unit, caller, statement, decidable);
}

async function afterDecision(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  decision: Pick<ApprovalStatement, 'kind' | 'comment'>,
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

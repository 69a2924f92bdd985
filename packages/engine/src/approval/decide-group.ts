import { signGroupApproval } from '@countersign/evidence';
import type { Operation, Unit } from '@countersign/kernel';
import {
  type ApprovalStatement,
  accept,
  type GroupApprovalStatement,
  type ListedPlan,
  memberStatement,
  mostSigned,
  type Outcome,
  type Refusal,
  refuse,
} from '@countersign/protocol';
import { recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commitWhole } from '../context/commit-whole.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { sees } from '../operation/find-operation.ts';
import { lockStanding } from '../person/standing-person.ts';
import { type Decidable, type Decision, decidable } from './decidable.ts';
import { memberToken } from './issue-group-confirmation.ts';
import { keepDecision, statementOf } from './keep-decision.ts';

/** What a person decides about a list. */
export interface GroupDecision {
  readonly groupId: string;
  readonly kind: 'confirm' | 'approve';
  /** Every open plan of the group, as it was read. */
  readonly operations: readonly ListedPlan[];
  readonly comment: string;
  /** The one-time token that came with the list; for what the caller proposed themselves. */
  readonly confirmation: string | undefined;
}

/** Operations of a group that this caller sees and that wait or are ready, in the order in which they are locked. */
export async function openMembers(
  unit: Pick<Unit, 'operations' | 'runs'>,
  caller: Caller,
  groupId: string,
): Promise<Operation[]> {
  const listed = await unit.operations.list({ group: groupId, states: ['planned'], limit: mostSigned });
  const open: Operation[] = [];
  for (const operation of listed.reverse()) {
    const isOpen = operation.effect !== 'read' && (await unit.runs.byOperation(operation.id)) === null;
    if (isOpen && sees(caller, operation.target)) open.push(operation);
  }
  return open;
}

/** Whether the list that was read is the list that there is: one statement is about all of it. */
function sameList(open: readonly Operation[], { groupId, operations }: GroupDecision): Outcome<null> {
  const next = `read the list again: countersign group show ${groupId}`;
  if (open.length === 0) {
    return refuse('E_STATE', `nothing of group ${groupId} that you may see waits for a decision`, { next });
  }
  const missing = open.find(({ id }) => !operations.some(({ op_id }) => op_id === id));
  const more = operations.find(({ op_id }) => !open.some(({ id }) => id === op_id));
  const names = new Set(operations.map(({ op_id }) => op_id));
  if (missing === undefined && more === undefined && names.size === operations.length) return accept(null);
  return refuse('E_DIGEST_MISMATCH', 'that is not the list of the plans that are open now', {
    field: '/operations',
    ...(missing === undefined ? {} : { missing: missing.id }),
    ...(more === undefined ? {} : { not_open: more.op_id }),
    next,
  });
}

function naming(refusal: Refusal, opId: string): Refusal {
  return { ...refusal, message: `operation ${opId}: ${refusal.message}`, detail: { ...refusal.detail, op_id: opId } };
}

function decisionOn({ kind, comment, confirmation }: GroupDecision, { op_id: opId, digest }: ListedPlan): Decision {
  const token = confirmation === undefined ? '' : memberToken(confirmation, opId);
  return { kind, opId, digest, comment, confirmation: token };
}

/** One statement of what the statements of single operations say, at the time of the first. */
function together(
  groupId: string,
  kind: GroupDecision['kind'],
  statements: readonly ApprovalStatement[],
): GroupApprovalStatement | null {
  const [first] = statements;
  if (first === undefined) return null;
  const { op_id, bundle_id, plan_digest, verdict_digest, requester_root, schema, ...person } = first;
  const operations = statements
    .map((each) => ({
      op_id: each.op_id,
      bundle_id: each.bundle_id,
      plan_digest: each.plan_digest,
      verdict_digest: each.verdict_digest,
      requester_root: each.requester_root,
    }))
    .sort((a, b) => (a.op_id < b.op_id ? -1 : 1));
  return { ...person, schema: 'countersign.group-approval.v1', kind, group_id: groupId, operations };
}

async function decide(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  decision: GroupDecision,
): Promise<Outcome<string>> {
  const standing = await lockStanding(unit, caller);
  if (!standing.ok) return standing;
  const open = await openMembers(unit, caller, decision.groupId);
  const same = sameList(open, decision);
  if (!same.ok) return same;
  const decided: { readonly found: Decidable; readonly statement: ApprovalStatement }[] = [];
  for (const { id } of open) {
    const listed = decision.operations.find(({ op_id }) => op_id === id);
    if (listed === undefined) throw new Error('the list names each that is open');
    const one = decisionOn(decision, listed);
    const found = await decidable(context, unit, caller, one);
    if (!found.ok) return naming(found, id);
    const statement = await statementOf(context, unit, caller, one, found.value);
    if (statement !== null) decided.push({ found: found.value, statement });
  }
  const list = together(
    decision.groupId,
    decision.kind,
    decided.map(({ statement }) => statement),
  );
  if (list === null) return accept(decision.groupId);
  const envelope = signGroupApproval(list, context.keys.signer);
  for (const { found } of decided) {
    // What the list says of it is kept, to the millisecond: that is what was signed.
    const statement = memberStatement(list, found.operation.id);
    if (statement === null) throw new Error('the list names each that was decided');
    const more = { group_id: decision.groupId, signed_together: decided.length };
    await keepDecision(context, unit, caller, found, { statement, envelope }, more);
  }
  return accept(decision.groupId);
}

/**
 * Confirms or approves every open plan of a group in one statement, all or none, by the rules of each alone: who may, that it was
 * shown, that its digest is current, the one-time token of whoever proposed it. Each operation keeps the one signed list, and its
 * bundle carries it. Where a plan changes afterwards the list no longer counts for that operation.
 */
export async function decideGroup(
  context: EngineContext,
  caller: Caller,
  given: GroupDecision,
): Promise<Outcome<string>> {
  const decision: GroupDecision = { ...given, comment: withoutSecrets(given.comment) };
  const result = await commitWhole(context, 'group-decide', (unit) => decide(context, unit, caller, decision));
  if (result.ok || result.code === 'E_NOT_FOUND') return result;
  await recordAlone(context, {
    event: 'approval.refused',
    actor: actorOf(caller.principal),
    subject: { kind: 'group', id: given.groupId },
    outcome: 'refused',
    correlationId: caller.correlationId,
    detail: { kind: given.kind, code: result.code, message: result.message },
  });
  return result;
}

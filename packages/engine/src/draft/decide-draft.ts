import { mayDecide, type Operation, runEnded, type Unit } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import type { Decision } from '../approval/decidable.ts';
import { decideIn, tellRefusal } from '../approval/decide-approval.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { isDispatch } from '../dispatch/agent-connector.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { lockOperation } from '../operation/find-operation.ts';
import { lockStanding } from '../person/standing-person.ts';
import { wholePlan } from '../plan/whole-plan.ts';
import { withdraw } from '../run/cancel-operation.ts';

/** What somebody decides on a draft. Without digest it is the plan last shown to them that counts. */
export interface DraftDecision {
  readonly opId: string;
  readonly decision: 'approve' | 'reject';
  readonly digest: string | undefined;
  readonly comment: string;
  /**
   * Whether one's own typed steps are confirmed elsewhere, with the one-time token. The source's address has no token, and takes
   * bearer tokens alone: no page can make a browser send one.
   */
  readonly confirmedElsewhere: boolean;
}

function decidedAlready(operation: Operation, state: string): Outcome<never> {
  return refuse('E_ALREADY_DECIDED', `the draft was decided already: it is ${state}`, {
    next: `see \`countersign show ${operation.id}\``,
  });
}

/** How a decision counts: the requester's own is a confirmation, unless policy wants nothing but an approval of them. */
function kindOf(context: EngineContext, caller: Caller, operation: Operation): 'confirm' | 'approve' {
  if (operation.requester.root !== caller.principal.root) return 'approve';
  const wanted = operation.verdict?.obligations.map(({ kind }) => kind) ?? [];
  return context.decider.profile === 'solo' && !wanted.includes('confirm') && wanted.includes('approve')
    ? 'approve'
    : 'confirm';
}

async function approveIn(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  operation: Operation,
  { opId, digest: given, comment, confirmedElsewhere }: DraftDecision,
): Promise<Outcome<string>> {
  const own = operation.requester.root === caller.principal.root;
  if (confirmedElsewhere && own && !isDispatch(operation)) {
    return refuse('E_CONFIRMATION_INVALID', 'typed steps of your own are confirmed with a one-time token', {
      next: `countersign confirm ${operation.id}`,
    });
  }
  const digest = given ?? (await unit.plans.shownTo(opId, caller.principal.id))?.digest;
  if (digest === undefined && operation.state === 'planned') {
    return refuse('E_PLAN_NOT_SHOWN', 'this draft was never shown to you', { next: 'look at it first: GET it' });
  }
  const kind = kindOf(context, caller, operation);
  return await decideIn(context, unit, caller, { opId, kind, digest, comment, confirmation: null });
}

/** Whether decisions of people made a draft what it is: then nobody rejects it any more. */
async function isApproved(context: EngineContext, unit: Unit, operation: Operation): Promise<boolean> {
  if (operation.verdict?.decision !== 'allow') return false;
  const whole = await wholePlan(context, unit, operation);
  const now = context.clock.now();
  return (
    whole.ok &&
    (await unit.approvals.list(operation.id)).some(
      ({ voidedAt, statement }) =>
        voidedAt === null && statement.plan_digest === whole.value.digest && statement.expires_at > now,
    )
  );
}

async function rejectIn(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  operation: Operation,
  { opId, digest, comment }: DraftDecision,
): Promise<Outcome<string>> {
  if (await isApproved(context, unit, operation)) return decidedAlready(operation, 'approved');
  // Whoever asked takes it back; another rejects it, which is a decision. Where there is no plan yet there is none to decide on.
  const own = operation.requester.root === caller.principal.root;
  if (!own && operation.state === 'planned') {
    return await decideIn(context, unit, caller, { opId, kind: 'reject', digest, comment });
  }
  if (!own) {
    return refuse('E_STATE', 'there is no plan to decide on yet', { next: 'wait for it, or ask its requester' });
  }
  const by = { actor: actorOf(caller.principal), correlationId: caller.correlationId };
  await withdraw(context, unit, by, operation, withoutSecrets(comment));
  return accept(opId);
}

/** Approves or rejects a draft. Of decisions at once one wins, and the others are told. Answers the operation's id. */
export async function decideDraft(
  context: EngineContext,
  caller: Caller,
  decision: DraftDecision,
): Promise<Outcome<string>> {
  const { opId } = decision;
  let kind: Decision['kind'] = decision.decision;
  const result = await commit(context, 'decide-draft', async (unit): Promise<Outcome<string>> => {
    const standing = await lockStanding(unit, caller);
    if (!standing.ok) return standing;
    const found = await lockOperation(unit, caller, opId, 'actions');
    if (!found.ok) return found;
    const operation = found.value;
    if (operation.effect === 'read') {
      return refuse('E_NOT_FOUND', `there is no draft ${opId} that you may see`, { next: 'see `countersign drafts`' });
    }
    kind = decision.decision === 'reject' ? 'reject' : kindOf(context, caller, operation);
    const may = mayDecide(kind, caller.principal, operation.requester, context.decider.profile);
    if (!may.ok) return may;
    if (operation.state === 'closed') return decidedAlready(operation, operation.closedReason ?? 'closed');
    const run = await unit.runs.byOperation(opId);
    if (run !== null) return decidedAlready(operation, runEnded(run.state) ? 'over' : 'running');
    if (decision.decision === 'reject') return await rejectIn(context, unit, caller, operation, decision);
    return await approveIn(context, unit, caller, operation, decision);
  });
  if (!result.ok) await tellRefusal(context, caller, { opId, kind }, result);
  return result;
}

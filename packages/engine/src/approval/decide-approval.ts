import { signApproval } from '@countersign/evidence';
import type { Unit } from '@countersign/kernel';
import { accept, type Outcome, type Refusal } from '@countersign/protocol';
import { operationSubject, recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { lockStanding } from '../person/standing-person.ts';
import { type Decision, decidable } from './decidable.ts';
import { keepDecision, statementOf } from './keep-decision.ts';

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
  const statement = await statementOf(context, unit, caller, decision, found.value);
  if (statement !== null) {
    const envelope = signApproval(statement, context.keys.signer);
    await keepDecision(context, unit, caller, found.value, { statement, envelope });
  }
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

import { randomBytes } from 'node:crypto';
import { mayDecide } from '@countersign/kernel';
import { accept, type GroupConfirmationView, type Outcome, refuse } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commitWhole } from '../context/commit-whole.ts';
import type { EngineContext } from '../context/context.ts';
import { readGroup } from '../group/view-group.ts';
import { lockOperation } from '../operation/find-operation.ts';
import { wholePlan } from '../plan/whole-plan.ts';
import { openMembers } from './decide-group.ts';
import { confirmationMs, keepToken } from './issue-confirmation.ts';

/** What a token for a list is for one of its operations: good for that one alone. */
export function memberToken(text: string, opId: string): string {
  return `${text}.${opId}`;
}

/**
 * Shows the requester every open plan of a group, with one token that is good for one confirmation by them of exactly these plans,
 * or in the profile `solo` for their approval of them. The plans count as shown. Only hashes of the token are kept.
 */
export async function issueGroupConfirmation(
  context: EngineContext,
  caller: Caller,
  groupId: string,
): Promise<Outcome<GroupConfirmationView>> {
  const text = `csc_${randomBytes(32).toString('base64url')}`;
  const issued = await commitWhole(context, 'group-confirmation', async (unit): Promise<Outcome<number>> => {
    const open = await openMembers(unit, caller, groupId);
    if (open.length === 0) {
      return refuse('E_STATE', `nothing of group ${groupId} that you may see waits for a decision`, {
        next: `countersign group show ${groupId}`,
      });
    }
    const expiresAt = context.clock.now() + confirmationMs;
    const digests: Record<string, string> = {};
    for (const { id } of open) {
      const found = await lockOperation(unit, caller, id, 'actions');
      if (!found.ok) return found;
      const allowed = mayDecide('confirm', caller.principal, found.value.requester, context.decider.profile);
      if (!allowed.ok) return allowed;
      const plan = await wholePlan(context, unit, found.value);
      if (!plan.ok) return plan;
      const kept = await keepToken(
        context,
        unit,
        caller,
        { operationId: id, plan: plan.value, expiresAt },
        memberToken(text, id),
      );
      if (!kept.ok) return kept;
      digests[id] = plan.value.digest;
    }
    await recordAudit(context, unit, {
      event: 'confirmation.issued',
      actor: actorOf(caller.principal),
      subject: { kind: 'group', id: groupId },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { digests, expires_at: expiresAt },
    });
    return accept(expiresAt);
  });
  if (!issued.ok) return issued;
  const read = await readGroup(context, caller, groupId);
  if (!read.ok) return read;
  const operations = read.value.operations.filter(({ state, run }) => state === 'planned' && run === null);
  return accept({ group_id: groupId, confirmation: text, expires_at: issued.value, operations });
}

import { type GroupMember, type GroupRecord, moveGroup, type Operation, type Unit } from '@countersign/kernel';
import { accept, type Outcome, type Refusal, refuse } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import type { EngineContext } from '../context/context.ts';
import type { WholePlan } from '../plan/whole-plan.ts';
import { checkPlan, plannedNow } from '../run/check-start.ts';
import { createRun } from '../run/create-run.ts';
import { groupSubject } from './propose-selection.ts';

/** A refusal that says which operation of the group it is about. */
export function namingMember(refusal: Refusal, { opId, target, name }: GroupMember): Refusal {
  return {
    ...refusal,
    message: `${name} on ${target}: ${refusal.message}`,
    detail: { ...refusal.detail, op_id: opId },
  };
}

async function readyMember(
  context: EngineContext,
  unit: Unit,
  { opId }: GroupMember,
  digest: string | undefined,
): Promise<Outcome<{ operation: Operation; plan: WholePlan }>> {
  const operation = await unit.operations.lock(opId);
  if (operation === null) return refuse('E_NOT_FOUND', 'the operation is gone', { next: 'propose it again' });
  const planned = await plannedNow(context, unit, operation);
  if (!planned.ok) return planned;
  const plan = planned.value;
  if (plan.digest !== digest) {
    return refuse('E_DIGEST_MISMATCH', 'its plan is not the one that the group was started by', {
      digest: plan.digest,
      next: 'propose what is left again',
    });
  }
  const may = await checkPlan(context, unit, operation, plan, 'now');
  return may.ok ? accept({ operation, plan }) : may;
}

/**
 * Creates the runs of the next wave of a group that runs, all or none, each by the rules of every run: its own plan, checks, panic,
 * freeze, window and policy as they are at this moment. Refuses for the first operation that may not run; nothing is written then.
 */
export async function beginWave(context: EngineContext, unit: Unit, group: GroupRecord): Promise<Outcome<GroupRecord>> {
  const { start } = group;
  const members = group.waves[group.begun] ?? [];
  if (start === null || members.length === 0) throw new Error('there is no wave to begin');
  const ready: { operation: Operation; plan: WholePlan }[] = [];
  for (const member of members) {
    const one = await readyMember(context, unit, member, start.digests[member.opId]);
    if (!one.ok) return namingMember(one, member);
    ready.push(one.value);
  }
  for (const { operation, plan } of ready) {
    await createRun(context, unit, operation, plan, start.by, start.correlationId);
  }
  const begun = moveGroup(group, 'running', { begun: group.begun + 1, updatedAt: context.clock.now() });
  await unit.groups.save(begun);
  await recordAudit(context, unit, {
    event: 'group.wave_begun',
    actor: start.by,
    subject: groupSubject(group.id),
    outcome: 'ok',
    correlationId: start.correlationId,
    detail: { wave: begun.begun, of: group.waves.length, op_ids: members.map(({ opId }) => opId) },
  });
  return accept(begun);
}

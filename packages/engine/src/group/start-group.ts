import { type GroupMember, type GroupRecord, moveGroup, type Operation, type Unit } from '@countersign/kernel';
import { accept, type ListedPlan, type Outcome, type Refusal, refuse } from '@countersign/protocol';
import { recordAlone, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller, tokenIdOf } from '../context/actor.ts';
import { commitWhole } from '../context/commit-whole.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation, lockOperation } from '../operation/find-operation.ts';
import { lockStanding } from '../person/standing-person.ts';
import { checkPlan, plannedNow, shownDigest } from '../run/check-start.ts';
import { beginWave, namingMember } from './begin-wave.ts';
import { groupSubject } from './propose-selection.ts';

export interface GroupStartWanted {
  readonly groupId: string;
  /** Every plan of the group by its digest; left out: those last shown to the caller. */
  readonly operations: readonly ListedPlan[] | undefined;
}

/** The answer for a group that is not there, does not run in waves, or may not be seen. */
export function noSuchGroup(groupId: string): Refusal {
  return refuse('E_NOT_FOUND', `there is no group ${groupId} with waves that you may see`, {
    next: 'see `countersign ls`',
  });
}

/** The operations of a group, for a caller who may act on every one; a group with one that they may not see is not there for them. */
export async function findMembers(
  unit: Unit,
  caller: Caller,
  group: GroupRecord,
): Promise<Outcome<readonly Operation[]>> {
  const members: Operation[] = [];
  for (const { opId } of group.waves.flat()) {
    const found = await findOperation(unit, caller, opId, 'actions');
    if (!found.ok) return found.code === 'E_NOT_FOUND' ? noSuchGroup(group.id) : found;
    members.push(found.value);
  }
  return accept(members);
}

/** The digest by which one operation of the group would be started, if it might run now. */
async function startable(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  { opId }: GroupMember,
  wanted: GroupStartWanted,
): Promise<Outcome<string>> {
  const found = await lockOperation(unit, caller, opId, 'actions');
  if (!found.ok) return found.code === 'E_NOT_FOUND' ? noSuchGroup(wanted.groupId) : found;
  const planned = await plannedNow(context, unit, found.value);
  if (!planned.ok) return planned;
  const listed = wanted.operations?.find(({ op_id }) => op_id === opId)?.digest;
  if (wanted.operations !== undefined && listed === undefined) {
    return refuse('E_VALIDATION', 'the list leaves it out', {
      field: '/operations',
      next: 'name every operation of the group',
    });
  }
  const shown = await shownDigest(unit, caller, found.value, planned.value, listed);
  if (!shown.ok) return shown;
  const may = await checkPlan(context, unit, found.value, planned.value, 'now');
  return may.ok ? accept(planned.value.digest) : may;
}

/** Whether this call asks for what this caller has done already; the answer to it may have been lost. */
function isDone({ start }: GroupRecord, { principal }: Caller, { operations }: GroupStartWanted): boolean {
  if (start === null || start.by.principal !== principal.name || start.by.root !== principal.root) return false;
  return operations?.every(({ op_id, digest }) => start.digests[op_id] === digest) ?? true;
}

async function start(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  wanted: GroupStartWanted,
): Promise<Outcome<string>> {
  const { groupId } = wanted;
  const standing = await lockStanding(unit, caller);
  if (!standing.ok) return standing;
  const group = await unit.groups.lock(groupId);
  if (group === null) return noSuchGroup(groupId);
  if (group.state !== 'waiting') {
    const members = await findMembers(unit, caller, group);
    if (!members.ok) return members;
    if (isDone(group, caller, wanted)) return accept(groupId);
    return refuse('E_STATE', `the group is ${group.state}`, { next: `countersign group show ${groupId}` });
  }
  const digests: Record<string, string> = {};
  const lacking: { member: GroupMember; refusal: Refusal }[] = [];
  for (const member of group.waves.flat()) {
    const digest = await startable(context, unit, caller, member, wanted);
    if (digest.ok) digests[member.opId] = digest.value;
    else if (digest.code === 'E_NOT_FOUND') return digest;
    else lacking.push({ member, refusal: digest });
  }
  const [first] = lacking;
  if (first !== undefined) {
    const refusal = namingMember(first.refusal, first.member);
    const members = lacking.map(({ member: { opId, target, name }, refusal: { code, message } }) => ({
      op_id: opId,
      target,
      name,
      code,
      message,
    }));
    return { ...refusal, detail: { ...refusal.detail, members } };
  }
  const by = actorOf(caller.principal);
  const { correlationId } = caller;
  const started = moveGroup(group, 'running', {
    start: { by, tokenId: tokenIdOf(caller), digests, correlationId },
    updatedAt: context.clock.now(),
  });
  await recordAudit(context, unit, {
    event: 'group.started',
    actor: by,
    subject: groupSubject(groupId),
    outcome: 'ok',
    correlationId,
    detail: { digests, waves: group.waves.length },
  });
  const begun = await beginWave(context, unit, started);
  return begun.ok ? accept(groupId) : begun;
}

/**
 * Starts a group that waits: the first wave at once, by exactly the plans that were shown. It begins only where every operation of
 * every wave might run now, so that nothing is left halfway for want of an approval. Of two who start it, one does.
 */
export async function startGroup(
  context: EngineContext,
  caller: Caller,
  wanted: GroupStartWanted,
): Promise<Outcome<string>> {
  const result = await commitWhole(context, 'wave-start', (unit) => start(context, unit, caller, wanted));
  if (!result.ok && result.code !== 'E_NOT_FOUND') {
    await recordAlone(context, {
      event: 'group.refused',
      actor: actorOf(caller.principal),
      subject: groupSubject(wanted.groupId),
      outcome: 'refused',
      correlationId: caller.correlationId,
      detail: { code: result.code, message: result.message },
    });
  }
  return result;
}

import { type GroupRecord, moveGroup, type Operation, type Unit } from '@countersign/kernel';
import { accept, type Outcome, refuse, type WaveStop } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { type Actor, actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { holdsRole } from '../operation/find-operation.ts';
import { cancelQueued, withdraw } from '../run/cancel-operation.ts';
import { groupSubject } from './propose-selection.ts';
import { findMembers, noSuchGroup } from './start-group.ts';

/** Why an operation of a stopped group was not run. What stopped it is named only to those who see it: its own place. */
function whyNot({ id, waves }: GroupRecord, stop: WaveStop, cause: Operation | null, { target }: Operation): string {
  const { op_id, wave, reason } = stop;
  const member = waves.flat().find(({ opId }) => opId === op_id);
  if (member === undefined) return `not started: group ${id} was stopped${reason === '' ? '' : `: ${reason}`}`;
  const stopped = `not started: group ${id} stopped in wave ${wave ?? 0}`;
  const isNear = cause?.target.project === target.project && cause.target.environment === target.environment;
  return isNear ? `${stopped}, at ${member.name} on ${member.target}: ${reason}` : stopped;
}

/**
 * Stops a group for good, inside a unit that holds its row: what has not begun is withdrawn or taken off the queue and says why, what
 * is under way comes to its own end.
 */
export async function stopIn(
  context: EngineContext,
  unit: Unit,
  group: GroupRecord,
  stop: WaveStop,
  by: { readonly actor: Actor; readonly correlationId: string },
): Promise<void> {
  const cause = stop.op_id === null ? null : await unit.operations.get(stop.op_id);
  const notStarted: string[] = [];
  for (const { opId } of group.waves.flat()) {
    const operation = await unit.operations.lock(opId);
    if (operation === null || operation.state === 'closed') continue;
    const run = await unit.runs.byOperation(opId);
    if (run !== null && run.state !== 'queued') continue;
    const reason = whyNot(group, stop, cause, operation);
    if (run === null) await withdraw(context, unit, by, operation, reason);
    else await cancelQueued(context, unit, by.actor, operation, run, reason);
    notStarted.push(opId);
  }
  await unit.groups.save(moveGroup(group, 'stopped', { stop, updatedAt: context.clock.now() }));
  await recordAudit(context, unit, {
    event: 'group.stopped',
    actor: by.actor,
    subject: groupSubject(group.id),
    outcome: 'failed',
    correlationId: by.correlationId,
    detail: { ...stop, begun: group.begun, of: group.waves.length, not_started: notStarted },
  });
}

/** Whether a caller may stop a group: whoever proposed it, or an approver wherever it acts. */
async function mayStop(unit: Unit, caller: Caller, group: GroupRecord): Promise<Outcome<null>> {
  const own = group.requester.root === caller.principal.root;
  const members = await findMembers(unit, caller, group);
  if (!members.ok) return members;
  for (const { target } of members.value) {
    const holds = own ? accept(null) : holdsRole(caller, target, 'approver');
    if (!holds.ok) return holds;
  }
  return accept(null);
}

/** A person or an agent lets nothing more of a group begin. What runs comes to its end; what was not started is withdrawn. */
export async function stopGroup(
  context: EngineContext,
  caller: Caller,
  request: { readonly groupId: string; readonly reason: string },
): Promise<Outcome<string>> {
  const { groupId } = request;
  return await commit(context, 'wave-stop', async (unit): Promise<Outcome<string>> => {
    const group = await unit.groups.lock(groupId);
    if (group === null) return noSuchGroup(groupId);
    const may = await mayStop(unit, caller, group);
    if (!may.ok) return may;
    if (group.state !== 'waiting' && group.state !== 'running') {
      return refuse('E_STATE', `the group has ${group.state} already`, { next: `countersign group show ${groupId}` });
    }
    const stop = { wave: null, op_id: null, code: 'E_CANCELLED', reason: withoutSecrets(request.reason) };
    const by = { actor: actorOf(caller.principal), correlationId: caller.correlationId };
    await stopIn(context, unit, group, stop, by);
    return accept(groupId);
  });
}

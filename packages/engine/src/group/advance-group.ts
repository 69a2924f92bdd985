import {
  type GroupNext,
  type GroupRecord,
  type MemberStanding,
  memberStanding,
  moveGroup,
  nextOfGroup,
  type Reads,
  type Unit,
} from '@countersign/kernel';
import { accept, type Outcome, type Refusal } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { lockStanding } from '../person/standing-person.ts';
import { beginWave } from './begin-wave.ts';
import { groupSubject } from './propose-selection.ts';
import { starterStands } from './starter-stands.ts';
import { stopIn } from './stop-group.ts';

/** How each operation of a group stands now. */
export async function standingsOf(reads: Reads, group: GroupRecord): Promise<ReadonlyMap<string, MemberStanding>> {
  const standings = new Map<string, MemberStanding>();
  for (const { opId } of group.waves.flat()) {
    standings.set(opId, memberStanding(await reads.operations.get(opId), await reads.runs.byOperation(opId)));
  }
  return standings;
}

async function nextFor(reads: Reads, group: GroupRecord): Promise<GroupNext> {
  const standings = await standingsOf(reads, group);
  return nextOfGroup(group, (opId) => standings.get(opId) ?? memberStanding(null, null));
}

function stopFor({ begun }: GroupRecord, { code, message, detail }: Refusal) {
  const opId = typeof detail['op_id'] === 'string' ? detail['op_id'] : null;
  return { wave: begun + 1, op_id: opId, code, reason: message };
}

async function act(context: EngineContext, unit: Unit, group: GroupRecord, next: GroupNext): Promise<void> {
  const by = { actor: systemActor, correlationId: group.start?.correlationId ?? group.correlationId };
  if (next.next === 'stop') return await stopIn(context, unit, group, next.stop, by);
  if (next.next === 'begin') {
    const begun = await beginWave(context, unit, group);
    if (!begun.ok) await stopIn(context, unit, group, stopFor(group, begun), by);
    return;
  }
  await unit.groups.save(moveGroup(group, 'succeeded', { updatedAt: context.clock.now() }));
  await recordAudit(context, unit, {
    event: 'group.succeeded',
    actor: by.actor,
    subject: groupSubject(group.id),
    outcome: 'ok',
    correlationId: by.correlationId,
    detail: { waves: group.waves.length, operations: group.waves.flat().length },
  });
}

/** Whether the next wave may be begun in the name of whoever started the group. */
async function mayBegin(
  context: EngineContext,
  unit: Unit,
  { start, waves, begun }: GroupRecord,
  standing: Outcome<null> | null,
): Promise<Outcome<null>> {
  if (standing?.ok === false || start === null) return standing ?? accept(null);
  return await starterStands(unit, start, waves[begun] ?? [], context.clock.now());
}

/**
 * Brings one group a step on, if it is time. Everything that it goes by stands in the database, and the group's row is locked: any
 * number of servers may look at once, and one that died left nothing half done. Answers whether something changed.
 */
async function advance(context: EngineContext, unit: Unit, groupId: string): Promise<boolean> {
  const root = (await unit.groups.get(groupId))?.start?.by.root;
  // Whoever started it is locked before anything else, as by whoever disables them.
  const standing = root === undefined ? null : await lockStanding(unit, { principal: { root } });
  const group = await unit.groups.lock(groupId);
  if (group === null) return false;
  const next = await nextFor(unit, group);
  if (next.next === 'wait') return false;
  const may = next.next === 'begin' ? await mayBegin(context, unit, group, standing) : accept(null);
  if (may.ok) await act(context, unit, group, next);
  else {
    const by = { actor: systemActor, correlationId: group.correlationId };
    await stopIn(context, unit, group, stopFor(group, may), by);
  }
  return true;
}

/** Looks at every group that runs. One that cannot be read is told to `onError` and stands in the way of none. */
export async function advanceGroups(context: EngineContext, onError: (error: unknown) => void): Promise<void> {
  for (const id of await context.store.read((reads) => reads.groups.running())) {
    try {
      const waits = await context.store.read(async (reads) => {
        const group = await reads.groups.get(id);
        return group === null || (await nextFor(reads, group)).next === 'wait';
      });
      if (!waits)
        await commit(
          context,
          'wave-advance',
          (unit) => advance(context, unit, id),
          (changed) => changed,
        );
    } catch (error) {
      onError(error);
    }
  }
}

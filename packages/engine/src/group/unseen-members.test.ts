import type { GrantRole } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { decideGroup } from '../approval/decide-group.ts';
import { issueGroupConfirmation } from '../approval/issue-group-confirmation.ts';
import { internalCaller } from '../context/actor.ts';
import { callerOf, people } from '../fixture/people.ts';
import { type FleetWorld, withFleet } from '../fixture/with-fleet.ts';
import { startGroup } from './start-group.ts';
import { readGroup } from './view-group.ts';

const ada = callerOf('ada');

/** Somebody with one role in one environment and none elsewhere. */
function only(environment: string, role: GrantRole = 'viewer') {
  const grants = [{ role, project: 'shop', environment }];
  return internalCaller({ ...people.ada, id: 'person:eve', name: 'eve', root: 'eve', role, grants }, 'test-eve');
}

async function failedInDev(world: FleetWorld): Promise<string> {
  const { context, fleet, proposed, view } = world;
  fleet.failing.add('web-1');
  const groupId = await proposed({ targets: ['fleet-dev', 'fleet-stage'], waves: [1] });
  const issued = await issueGroupConfirmation(context, ada, groupId);
  if (!issued.ok) throw new Error(issued.message);
  const { confirmation } = issued.value;
  const operations = issued.value.operations.map(({ op_id, plan }) => ({ op_id, digest: plan?.digest ?? '' }));
  const decision = { groupId, kind: 'confirm', operations, confirmation, comment: '' } as const;
  expect(await decideGroup(context, ada, decision)).toMatchObject({ ok: true });
  await view(groupId);
  expect(await startGroup(context, ada, { groupId, operations: undefined })).toMatchObject({ ok: true });
  await world.ended(groupId);
  return groupId;
}

describe('what somebody may not see of a group', () => {
  it('did not succeed: its name, its operation and its words are told to nobody else', async () => {
    await withFleet(2, async (world) => {
      const { context } = world;
      const groupId = await failedInDev(world);
      const whole = await world.view(groupId);
      expect(whole.waves?.stop).toMatchObject({ op_id: whole.operations[0]?.op_id, reason: 'web-1 is not healthy' });
      const seen = await readGroup(context, only('stage'), groupId);
      if (!seen.ok) throw new Error(seen.message);
      expect(seen.value.operations.map(({ target }) => target.name)).toEqual(['fleet-stage', 'fleet-stage']);
      expect(seen.value.waves?.stop).toMatchObject({ wave: 1, op_id: null, code: 'E_VERIFY' });
      expect(JSON.stringify(seen.value.waves)).not.toMatch(/not healthy|fleet-dev/);
      expect(await readGroup(context, only('dev'), groupId)).toMatchObject({
        value: { waves: { stop: whole.waves?.stop } },
      });
      const withdrawn = await context.store.read((reads) =>
        reads.audit.query({ events: ['operation.withdrawn'], limit: 50 }),
      );
      const reasons = new Map(withdrawn.map(({ body }) => [body.subject.id, body.detail['reason']]));
      const [, near, ...far] = whole.operations.map(({ op_id }) => reasons.get(op_id));
      expect(near).toBe(`not started: group ${groupId} stopped in wave 1, at web-1 on fleet-dev: web-1 is not healthy`);
      expect(far).toEqual(Array(2).fill(`not started: group ${groupId} stopped in wave 1`));
    });
  });

  it('has no state for them either: start answers like for a group that is not there', async () => {
    await withFleet(2, async (world) => {
      const { context } = world;
      const groupId = await failedInDev(world);
      const start = (caller: ReturnType<typeof only>, id: string) =>
        startGroup(context, caller, { groupId: id, operations: undefined });
      for (const environment of ['prod', 'stage']) {
        const missing = context.ids.next();
        const answer = await start(only(environment, 'actions'), groupId);
        expect(answer).toMatchObject({ ok: false, code: 'E_NOT_FOUND' });
        const absent = await start(only(environment, 'actions'), missing);
        expect(JSON.stringify(answer).replaceAll(groupId, missing)).toBe(JSON.stringify(absent));
      }
      expect(await start(callerOf('bob'), groupId)).toMatchObject({ code: 'E_STATE' });
    });
  });
});

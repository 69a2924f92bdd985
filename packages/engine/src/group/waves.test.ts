import { grantsOf } from '@countersign/kernel';
import { waitUntil } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { breakGlass } from '../break-glass/break-glass.ts';
import { callerOf, steppedUp } from '../fixture/people.ts';
import { type FleetWorld, withFleet } from '../fixture/with-fleet.ts';
import { freezeEnvironment } from '../freeze/freeze-environment.ts';
import { editOperation, replanOperation } from '../operation/edit-operation.ts';
import { cancelOperation } from '../run/cancel-operation.ts';
import { startRun } from '../run/start-run.ts';
import { setPanic } from '../setting/panic.ts';
import { authenticate } from '../token/authenticate.ts';
import { createToken } from '../token/create-token.ts';
import { revokeToken } from '../token/revoke-token.ts';
import { startGroup } from './start-group.ts';
import { stopGroup } from './stop-group.ts';

const ada = callerOf('ada');

async function started({ context, view }: FleetWorld, groupId: string): Promise<void> {
  await view(groupId);
  expect(await startGroup(context, ada, { groupId, operations: undefined })).toEqual({ ok: true, value: groupId });
}
const states = ({ waves }: Awaited<ReturnType<FleetWorld['view']>>) => waves?.waves.map(({ state }) => state);
const displays = ({ operations }: Awaited<ReturnType<FleetWorld['view']>>) => operations.map(({ display }) => display);

async function audited({ context }: FleetWorld, event: string) {
  return await context.store.read((reads) => reads.audit.query({ events: [event], limit: 50 }));
}

describe('a group in waves', () => {
  it('runs wave by wave, each after every run of the one before has succeeded, and once (DO-12)', async () => {
    await withFleet(5, async (world) => {
      const { fleet, view, proposed } = world;
      const groupId = await proposed();
      const waiting = await view(groupId);
      expect(waiting.waves).toMatchObject({ state: 'waiting', begun: 0, labels: 'app=web', requester: 'ada' });
      expect(waiting.waves?.waves.map(({ members }) => members.map(({ name }) => name))).toEqual([
        ['web-1'],
        ['web-2', 'web-3'],
        ['web-4', 'web-5'],
      ]);
      await world.advance();
      expect(fleet.restarted).toEqual([]);
      await started(world, groupId);
      await waitUntil('the first wave ended', async () => displays(await view(groupId))[0] === 'succeeded');
      expect(fleet.restarted).toEqual(['web-1']);
      expect(states(await view(groupId))).toEqual(['succeeded', 'pending', 'pending']);
      const ended = await world.ended(groupId);
      expect(ended.waves).toMatchObject({ state: 'succeeded', begun: 3, stop: null, started_by: 'ada' });
      expect(fleet.restarted).toEqual(['web-1', 'web-2', 'web-3', 'web-4', 'web-5']);
      expect(await audited(world, 'group.wave_begun')).toHaveLength(3);
      expect(await audited(world, 'group.succeeded')).toHaveLength(1);
      await world.advance();
      expect(fleet.restarted).toHaveLength(5);
    });
  });

  it.each([
    ['fails', 'failing', 'E_VERIFY', 'failed'],
    ['is in doubt', 'doubtful', 'E_OUTCOME_UNKNOWN', 'outcome_unknown'],
    ['is stale', 'stale', 'E_PLAN_STALE', 'stale'],
  ] as const)(
    'stops at what %s: nothing after it is started, and that is said with its reason',
    async (_, how, code, display) => {
      await withFleet(5, async (world) => {
        const { fleet, proposed } = world;
        fleet[how].add('web-2');
        const groupId = await proposed();
        await started(world, groupId);
        const ended = await world.ended(groupId);
        expect(ended.waves).toMatchObject({ state: 'stopped', begun: 2, stop: { wave: 2, code } });
        expect(ended.waves?.stop?.op_id).toBe(ended.operations[1]?.op_id);
        expect(states(ended)).toEqual(['succeeded', 'failed', 'not_started']);
        expect(fleet.restarted).not.toContain('web-4');
        expect(fleet.restarted).not.toContain('web-5');
        const shown = displays(ended);
        expect([shown[0], shown[1], shown[3], shown[4]]).toEqual(['succeeded', display, 'withdrawn', 'withdrawn']);
        const [entry] = await audited(world, 'group.stopped');
        expect(entry?.body.detail).toMatchObject({
          wave: 2,
          code,
          not_started: expect.arrayContaining([ended.operations[4]?.op_id]),
        });
        expect(ended.waves?.next[0]).toMatch(
          /^countersign do fleet\.restart --target fleet-dev --names .*web-4,web-5$/,
        );
      });
    },
  );

  it('takes what stands in the queue of a wave that failed off it; what runs comes to its own end', async () => {
    await withFleet(3, async (world) => {
      const { fleet, proposed } = world;
      fleet.failing.add('web-1');
      const groupId = await proposed({ waves: ['100%'] });
      await started(world, groupId);
      const ended = await world.ended(groupId);
      // One target runs one thing at a time, so two were still queued or had run before the look.
      expect(displays(ended)[0]).toBe('failed');
      for (const display of displays(ended).slice(1)) expect(['cancelled', 'succeeded']).toContain(display);
      const ran = displays(ended).filter((display) => display !== 'cancelled').length;
      expect(fleet.restarted).toHaveLength(ran);
    });
  });

  it('a wave begins by the rules of every run: panic, a freeze or another plan stop the rest', async () => {
    const obstacles: [string, string, (world: FleetWorld) => Promise<unknown>][] = [
      ['panic', 'E_PANIC', ({ context }) => setPanic(context, callerOf('carol'), true, 'test')],
      [
        'freeze',
        'E_POLICY_DENIED',
        ({ context }) =>
          freezeEnvironment(context, callerOf('carol'), {
            project: 'shop',
            environment: 'dev',
            reason: 'r',
            until: null,
          }),
      ],
    ];
    for (const [what, code, bring] of obstacles) {
      await withFleet(3, async (world) => {
        const { fleet, proposed, view } = world;
        const groupId = await proposed({ waves: [1] });
        await started(world, groupId);
        await waitUntil('the first wave ended', async () => displays(await view(groupId))[0] === 'succeeded');
        await bring(world);
        const ended = await world.ended(groupId);
        expect(ended.waves, what).toMatchObject({ state: 'stopped', begun: 1, stop: { wave: 2, code } });
        expect(fleet.restarted).toEqual(['web-1']);
      });
    }
  });

  it.each([
    ['their token is revoked', 'E_AUTH_INVALID'],
    ['their token may only look any more', 'E_AUTH_FORBIDDEN'],
  ])('no wave begins in the name of somebody who lost access: %s (DO-11)', async (what, code) => {
    await withFleet(3, async (world) => {
      const { context, fleet, proposed, view } = world;
      const made = await createToken(context, callerOf('carol'), { name: 'ada', kind: 'person', role: 'actions' });
      const known = await authenticate(context, made.ok ? made.value.token : '');
      if (!made.ok || !known.ok) throw new Error('there is no token');
      const groupId = await proposed({ waves: [1] });
      const { operations } = await view(groupId);
      const listed = operations.map(({ op_id, plan }) => ({ op_id, digest: plan?.digest ?? '' }));
      const caller = { ...known.value, correlationId: 'c' };
      expect(await startGroup(context, caller, { groupId, operations: listed })).toMatchObject({ ok: true });
      await waitUntil('the first wave ended', async () => displays(await view(groupId))[0] === 'succeeded');
      if (code === 'E_AUTH_INVALID') await revokeToken(context, callerOf('carol'), made.value.token_id);
      else {
        await context.store.write(async (unit) => {
          const token = await unit.tokens.get(made.value.token_id);
          if (token !== null) await unit.tokens.save({ ...token, role: 'viewer', grants: grantsOf('viewer') });
        });
      }
      const ended = await world.ended(groupId);
      expect(ended.waves, what).toMatchObject({ state: 'stopped', begun: 1, stop: { wave: 2, code } });
      expect(fleet.restarted).toEqual(['web-1']);
    });
  });

  it('somebody who withdraws one that has not begun stops the group', async () => {
    await withFleet(3, async (world) => {
      const { fleet, proposed, view, context } = world;
      const groupId = await proposed({ waves: [1] });
      await started(world, groupId);
      await waitUntil('the first wave ended', async () => displays(await view(groupId))[0] === 'succeeded');
      const last = (await view(groupId)).operations[2]?.op_id ?? '';
      expect(await cancelOperation(context, ada, last, 'not that one')).toMatchObject({ ok: true });
      const ended = await world.ended(groupId);
      expect(ended.waves?.stop).toMatchObject({ wave: 3, op_id: last });
      expect(fleet.restarted).toEqual(['web-1']);
    });
  });
});

describe('starting', () => {
  it('of many who start one, one does, and each of its runs is created once', async () => {
    await withFleet(4, async (world) => {
      const { context, proposed, view, fleet } = world;
      const groupId = await proposed({ waves: [2] });
      const bob = callerOf('bob');
      for (const who of ['ada', 'bob'] as const) await view(groupId, who);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          startGroup(context, index % 2 === 0 ? ada : bob, { groupId, operations: undefined }),
        ),
      );
      const winners = answers.filter(({ ok }) => ok);
      // Whoever won is answered the same again; the other is told.
      expect(winners).toHaveLength(10);
      for (const answer of answers.filter(({ ok }) => !ok)) expect(answer).toMatchObject({ code: 'E_STATE' });
      expect(await audited(world, 'group.started')).toHaveLength(1);
      await Promise.all(Array.from({ length: 8 }, () => world.advance()));
      await world.ended(groupId);
      expect(fleet.restarted.sort()).toEqual(['web-1', 'web-2', 'web-3', 'web-4']);
    });
  });

  it('wants every plan to be ready and shown, and says of each what it lacks; nothing is written then', async () => {
    await withFleet(3, async (world) => {
      const { context, proposed, view, fleet } = world;
      const groupId = await proposed({ targets: ['fleet-prod'] });
      await view(groupId);
      const refused = await startGroup(context, ada, { groupId, operations: undefined });
      expect(refused).toMatchObject({ ok: false, code: 'E_APPROVAL_REQUIRED' });
      expect(refused.ok ? null : refused.detail['members']).toHaveLength(3);
      expect(await startGroup(context, callerOf('bob'), { groupId, operations: undefined })).toMatchObject({
        code: 'E_PLAN_NOT_SHOWN',
      });
      expect((await view(groupId)).waves?.state).toBe('waiting');
      expect(fleet.restarted).toEqual([]);
      expect(await audited(world, 'group.refused')).toHaveLength(2);
    });
  });

  it('one of a group alone is refused, by start and past a freeze', async () => {
    await withFleet(2, async (world) => {
      const { context, proposed, view } = world;
      const groupId = await proposed();
      const [operation] = (await view(groupId)).operations;
      const opId = operation?.op_id ?? '';
      const request = { opId, digest: undefined, requestId: undefined, busy: 'queue' } as const;
      expect(await startRun(context, ada, request)).toMatchObject({ code: 'E_STATE', detail: { group_id: groupId } });
      await view(groupId, 'bob');
      const digest = operation?.plan?.digest ?? '';
      expect(await breakGlass(context, steppedUp(context, 'bob'), { opId, digest, reason: 'r' })).toMatchObject({
        code: 'E_STATE',
        detail: { group_id: groupId },
      });
    });
  });
});

describe('changing one of a group', () => {
  it('into something else is refused while its group is there, and it may be planned again', async () => {
    await withFleet(2, async (world) => {
      const { context, proposed, view } = world;
      const groupId = await proposed();
      const before = await view(groupId);
      const opId = before.operations[0]?.op_id ?? '';
      const steps = [{ action: 'fleet.restart', inputs: { thing: 'web-2' } }];
      expect(await editOperation(context, ada, opId, { steps, revision: undefined })).toMatchObject({
        code: 'E_STATE',
        detail: { group_id: groupId, next: `countersign group stop ${groupId}` },
      });
      expect((await view(groupId)).operations).toEqual(before.operations);
      expect(await replanOperation(context, ada, opId)).toMatchObject({ ok: true });
    });
  });
});

describe('stopping', () => {
  it('its requester or an approver stops it between waves; what had not begun is withdrawn', async () => {
    await withFleet(3, async (world) => {
      const { context, proposed, view, fleet } = world;
      const groupId = await proposed({ waves: [1] });
      await started(world, groupId);
      await waitUntil('the first wave ended', async () => displays(await view(groupId))[0] === 'succeeded');
      expect(await stopGroup(context, callerOf('adasBot'), { groupId, reason: 'enough' })).toMatchObject({ ok: true });
      await world.advance();
      const ended = await view(groupId);
      expect(ended.waves).toMatchObject({ state: 'stopped', stop: { wave: null, op_id: null, reason: 'enough' } });
      expect(displays(ended)).toEqual(['succeeded', 'withdrawn', 'withdrawn']);
      expect(fleet.restarted).toEqual(['web-1']);
      expect(await stopGroup(context, ada, { groupId, reason: '' })).toMatchObject({ code: 'E_STATE' });
    });
  });
});

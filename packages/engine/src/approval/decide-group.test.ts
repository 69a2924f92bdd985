import { verifyApproval } from '@countersign/evidence';
import { waitUntil } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { callerOf, type PersonName } from '../fixture/people.ts';
import { type FleetWorld, withFleet } from '../fixture/with-fleet.ts';
import { startGroup } from '../group/start-group.ts';
import { readTrust } from '../key/read-trust.ts';
import { replanOperation } from '../operation/edit-operation.ts';
import { decideGroup, type GroupDecision } from './decide-group.ts';
import { issueGroupConfirmation } from './issue-group-confirmation.ts';

async function listed({ view }: FleetWorld, groupId: string, who: PersonName): Promise<GroupDecision['operations']> {
  const { operations } = await view(groupId, who);
  return operations.map(({ op_id, plan }) => ({ op_id, digest: plan?.digest ?? '' }));
}
const displays = ({ operations }: Awaited<ReturnType<FleetWorld['view']>>) => operations.map(({ display }) => display);

async function approve(world: FleetWorld, groupId: string, who: PersonName, change: Partial<GroupDecision> = {}) {
  const operations = await listed(world, groupId, who);
  const decision = { groupId, kind: 'approve', operations, comment: 'read', confirmation: undefined } as const;
  return await decideGroup(world.context, callerOf(who), { ...decision, ...change });
}

describe('one statement over a list', () => {
  it('approves every operation by name and digest; each keeps the one envelope, and it verifies for each (OR-10)', async () => {
    await withFleet(3, async (world) => {
      const { context, proposed, view } = world;
      const groupId = await proposed({ targets: ['fleet-prod'] });
      expect(displays(await view(groupId))).toEqual(Array(3).fill('waiting_approval'));
      expect(await approve(world, groupId, 'bob')).toEqual({ ok: true, value: groupId });
      expect(displays(await view(groupId))).toEqual(Array(3).fill('ready'));
      const { operations } = await view(groupId);
      await context.store.read(async (reads) => {
        const trust = await readTrust(reads, context.settings.installation);
        const given = await Promise.all(operations.map(({ op_id }) => reads.approvals.list(op_id)));
        expect(given.map((each) => each.length)).toEqual([1, 1, 1]);
        expect(new Set(given.flat().map(({ envelope }) => JSON.stringify(envelope))).size).toBe(1);
        for (const { operationId, envelope, statement } of given.flat()) {
          const said = await verifyApproval(envelope, operationId, trust, context.verifyCrypto);
          expect(said).toEqual({ ok: true, value: statement });
        }
      });
      // The same again signs nothing.
      expect(await approve(world, groupId, 'bob')).toMatchObject({ ok: true });
      expect((await view(groupId)).operations[0]?.approvals).toHaveLength(1);
      await view(groupId);
      expect(await startGroup(context, callerOf('ada'), { groupId, operations: undefined })).toMatchObject({
        ok: true,
      });
      expect((await world.ended(groupId)).waves?.state).toBe('succeeded');
    });
  });

  it('no longer counts for an operation whose plan changed, and still for the others; both are told', async () => {
    await withFleet(2, async (world) => {
      const { context, fleet, proposed, view } = world;
      const groupId = await proposed({ targets: ['fleet-prod'] });
      await approve(world, groupId, 'bob');
      fleet.generation = 2;
      const [first] = (await view(groupId)).operations;
      await replanOperation(context, callerOf('ada'), first?.op_id ?? '');
      const now = await waitUntil('it is planned again', async () => {
        const seen = await view(groupId);
        return seen.operations.every(({ state }) => state === 'planned') && seen;
      });
      expect(displays(now)).toEqual(['waiting_approval', 'ready']);
      expect(now.operations.map(({ approvals }) => approvals.map(({ state }) => state))).toEqual([['void'], ['valid']]);
      const refused = await startGroup(context, callerOf('ada'), { groupId, operations: undefined });
      expect(refused).toMatchObject({ code: 'E_APPROVAL_REQUIRED', detail: { op_id: first?.op_id } });
    });
  });

  it('is about the whole list as it was read, or nothing is signed', async () => {
    await withFleet(3, async (world) => {
      const { proposed, view } = world;
      const groupId = await proposed({ targets: ['fleet-prod'] });
      const list = await listed(world, groupId, 'bob');
      const wrong = `sha256:${'0'.repeat(64)}`;
      const changed = list.map(({ op_id, digest }, index) => ({ op_id, digest: index === 2 ? wrong : digest }));
      const cases: [GroupDecision['operations'], string][] = [
        [list.slice(1), 'E_DIGEST_MISMATCH'],
        [[...list, list[0] ?? { op_id: '', digest: '' }], 'E_DIGEST_MISMATCH'],
        [changed, 'E_DIGEST_MISMATCH'],
      ];
      for (const [operations, code] of cases) {
        expect(await approve(world, groupId, 'bob', { operations })).toMatchObject({ ok: false, code });
      }
      expect((await view(groupId)).operations.flatMap(({ approvals }) => approvals)).toEqual([]);
    });
  });

  it.each([
    ['whoever asked', 'ada', 'E_AUTH_FORBIDDEN'],
    ['an agent', 'bobsBot', 'E_AUTH_FORBIDDEN'],
    ['a service', 'service', 'E_APPROVAL_NOT_ALLOWED'],
  ] as const)('is given by no one who may not approve: %s', async (_, who, code) => {
    await withFleet(2, async (world) => {
      const groupId = await world.proposed({ targets: ['fleet-prod'] });
      expect(await approve(world, groupId, who)).toMatchObject({ ok: false, code });
    });
  });

  it('by somebody who was not shown the plans is refused', async () => {
    await withFleet(2, async (world) => {
      const groupId = await world.proposed({ targets: ['fleet-prod'] });
      const operations = await listed(world, groupId, 'ada');
      const decision = { groupId, kind: 'approve', operations, comment: '', confirmation: undefined } as const;
      expect(await decideGroup(world.context, callerOf('bob'), decision)).toMatchObject({ code: 'E_PLAN_NOT_SHOWN' });
    });
  });
});

describe('the confirmation of a list', () => {
  it('takes one token once, for exactly these plans and this person, and a refusal spends none of it (DO-11)', async () => {
    await withFleet(2, async (world) => {
      const { context, proposed, view } = world;
      const groupId = await proposed({ targets: ['fleet-stage'] });
      const issued = await issueGroupConfirmation(context, callerOf('ada'), groupId);
      if (!issued.ok) throw new Error(issued.message);
      const { confirmation, operations: shown } = issued.value;
      const operations = shown.map(({ op_id, plan }) => ({ op_id, digest: plan?.digest ?? '' }));
      const confirm = (change: Partial<GroupDecision> = {}, who: PersonName = 'ada') =>
        decideGroup(context, callerOf(who), {
          groupId,
          kind: 'confirm',
          operations,
          comment: '',
          confirmation,
          ...change,
        });
      expect(await confirm({ confirmation: undefined })).toMatchObject({ code: 'E_CONFIRMATION_INVALID' });
      expect(await confirm({}, 'bob')).toMatchObject({ code: 'E_APPROVAL_NOT_ALLOWED' });
      const wrong = `sha256:${'0'.repeat(64)}`;
      const last = operations.map((each, index) => (index === 1 ? { ...each, digest: wrong } : each));
      expect(await confirm({ operations: last })).toMatchObject({ code: 'E_DIGEST_MISMATCH' });
      expect(await confirm()).toMatchObject({ ok: true });
      expect(displays(await view(groupId))).toEqual(['ready', 'ready']);
      expect(await confirm()).toMatchObject({ code: 'E_CONFIRMATION_INVALID' });
    });
  });

  it('is issued to whoever proposed it, and to nobody else', async () => {
    await withFleet(1, async ({ context, proposed }) => {
      const groupId = await proposed({ targets: ['fleet-stage'] });
      for (const who of ['bob', 'adasBot'] as const) {
        expect(await issueGroupConfirmation(context, callerOf(who), groupId)).toMatchObject({
          code: 'E_APPROVAL_NOT_ALLOWED',
        });
      }
    });
  });
});

import { randomUUID } from 'node:crypto';
import { type Client, connect, httpWorkerPort } from '@countersign/client';
import { GroupApprovalStatement, type GroupView, type SelectionRequest } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet, serveFleet, webThings } from '../../packages/engine/src/fixture/fleet.ts';
import { fetchBundle, verified } from './harness/bundle.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { anchored } from './harness/flow.ts';
import { openServer } from './harness/open-server.ts';
import { expectRefused } from './harness/refused.ts';

const targets = (['dev', 'stage', 'prod'] as const).map((tier) => ({
  name: `fleet-${tier}`,
  project: 'shop',
  environment: tier,
  tier,
  connector: 'fleet',
}));

async function select(client: Client, tier: string, change: Partial<SelectionRequest> = {}): Promise<GroupView> {
  const body = {
    action: 'fleet.restart',
    targets: [`fleet-${tier}`],
    labels: 'app=web',
    waves: [1, '50%', '100%'],
    request_id: randomUUID(),
    ...change,
  };
  const { group_id } = await client.call('groupSelect', { body });
  return await waitUntil('everything is planned', async () => {
    const group = await show(client, group_id);
    return group.operations.every(({ state }) => state !== 'planning') && group;
  });
}
const show = (client: Client, group_id: string) => client.call('groupGet', { params: { group_id } });
const listOf = ({ operations }: GroupView) =>
  operations.map(({ op_id, plan }) => ({ op_id, digest: plan?.digest ?? '' }));

async function ended(client: Client, groupId: string): Promise<GroupView> {
  return await waitUntil(`group ${groupId} ended`, async () => {
    const group = await show(client, groupId);
    return group.operations.every(({ state }) => state === 'closed') && group.waves?.state !== 'running' && group;
  });
}

describe.each(['sqlite', 'postgres'] as const)('groups in waves [%s]', (dialect) => {
  let stage: Stage;
  let worker: { stop(): Promise<void> };
  const fleet = new Fleet(webThings(5));
  beforeAll(async () => {
    stage = await withPeople(await openServer(dialect, { worker: false, targets }));
    const { client } = await stage.bearer({ name: 'fleet', kind: 'worker', role: 'worker' });
    worker = await serveFleet(httpWorkerPort(client), fleet, { worker: 'fleet', instance: randomUUID(), targets });
  });
  afterAll(async () => {
    await worker.stop();
    await stage.close();
  });

  it('in prod another person signs the list once, every bundle carries that statement and verifies offline (CP-14, OR-10)', async () => {
    const { alice, bob } = stage;
    const group = await select(alice.client, 'prod');
    const { group_id } = group;
    const params = { group_id };
    await expectRefused(alice.client.call('groupStart', { params, body: {} }), 'E_APPROVAL_REQUIRED');
    const operations = listOf(await show(bob.client, group_id));
    expect(operations).toEqual(listOf(group));
    await bob.client.call('groupApprove', { params, body: { operations, comment: 'read all five' } });
    await alice.client.call('groupStart', { params, body: { operations } });
    const done = await ended(alice.client, group_id);
    expect(done.waves).toMatchObject({ state: 'succeeded', begun: 3 });
    const statements = new Set<string>();
    for (const { op_id, bundle_id, plan } of done.operations) {
      await anchored(alice.client, op_id);
      expect((await verified(alice.client, bundle_id)).state).toBe('pass');
      const { files } = await fetchBundle(alice.client, bundle_id);
      const { approvals } = JSON.parse(Buffer.from(files.get('approvals.json') ?? []).toString('utf8'));
      expect(approvals).toHaveLength(1);
      const payload = Buffer.from(approvals[0].envelope.payload, 'base64').toString('utf8');
      statements.add(payload);
      const signed = GroupApprovalStatement.parse(JSON.parse(payload));
      expect(signed.operations).toHaveLength(5);
      expect(signed.operations.find((each) => each.op_id === op_id)?.plan_digest).toBe(plan?.digest);
    }
    expect(statements.size).toBe(1);
  });

  it('in stage whoever asked confirms the list with one token; a failure in wave 2 leaves wave 3 alone (DO-11)', async () => {
    const { alice } = stage;
    fleet.restarted.length = 0;
    fleet.failing.add('web-3');
    const { group_id } = await select(alice.client, 'stage');
    const params = { group_id };
    const { confirmation, operations: open } = await alice.client.call('groupConfirmation', { params, body: {} });
    const operations = open.map(({ op_id, plan }) => ({ op_id, digest: plan?.digest ?? '' }));
    await alice.client.call('groupConfirm', { params, body: { operations, confirmation } });
    await alice.client.call('groupStart', { params, body: { operations } });
    const done = await ended(alice.client, group_id);
    fleet.failing.clear();
    expect(done.waves).toMatchObject({ state: 'stopped', begun: 2, stop: { wave: 2, code: 'E_VERIFY' } });
    expect(done.waves?.waves.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'not_started']);
    expect(fleet.restarted.filter((name) => name === 'web-4' || name === 'web-5')).toEqual([]);
    // What was left is proposed again, by name.
    const again = await select(alice.client, 'stage', { labels: 'app', names: ['web-4', 'web-5'] });
    expect(again.operations).toHaveLength(2);
  });

  it('whoever may not see it, start it or stop it is refused', async () => {
    const { alice, vera } = stage;
    const { group_id } = await select(alice.client, 'dev', { names: ['web-1'] });
    const params = { group_id };
    await expectRefused(vera.client.call('groupStart', { params, body: {} }), 'E_AUTH_FORBIDDEN');
    const { client: other } = await stage.bearer({ name: 'otto', kind: 'person', role: 'actions' });
    await expectRefused(other.call('groupStop', { params, body: {} }), 'E_AUTH_FORBIDDEN');
    await alice.client.call('groupStop', { params, body: { reason: 'no longer' } });
    expect((await ended(alice.client, group_id)).waves).toMatchObject({ state: 'stopped', begun: 0 });
  });
});

it('many servers on one database look at the same group, and two start it: each thing is restarted once [postgres] (DO-12)', async () => {
  const stage = await withPeople(await openServer('postgres', { worker: false, targets }));
  const fleet = new Fleet(webThings(8));
  const { client } = await stage.bearer({ name: 'fleet', kind: 'worker', role: 'worker' });
  const worker = await serveFleet(httpWorkerPort(client), fleet, { worker: 'fleet', instance: randomUUID(), targets });
  try {
    const others = await Promise.all([stage.another(), stage.another()]);
    const { alice } = stage;
    const faces = [alice.client, ...others.map(({ url }) => connect({ url, token: alice.token }))];
    const { group_id } = await select(alice.client, 'dev', { waves: [2, 3] });
    const starts = await Promise.all(
      faces.flatMap((face) => [face, face].map((one) => one.call('groupStart', { params: { group_id }, body: {} }))),
    );
    expect(new Set(starts.map((group) => group.group_id))).toEqual(new Set([group_id]));
    // The server that was asked first goes away between waves; those that are left go on.
    await waitUntil('the first wave began', async () => fleet.restarted.length > 0);
    await others[0]?.stop();
    const done = await ended(alice.client, group_id);
    expect(done.waves).toMatchObject({ state: 'succeeded', begun: 3 });
    expect([...fleet.restarted].sort()).toEqual(webThings(8).map(({ name }) => name));
    const began = await stage.admin.client.call('audit', { query: { event: 'group.wave_begun', limit: 50 } });
    expect(began.entries).toHaveLength(3);
  } finally {
    await worker.stop();
    await stage.close();
  }
});

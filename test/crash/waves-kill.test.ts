import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, connect, httpWorkerPort } from '@countersign/client';
import type { GroupView } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { Fleet, serveFleet, webThings } from '../../packages/engine/src/fixture/fleet.ts';
import { bundledEntry } from './bundled.ts';
import { wavePoints } from './crash-points.ts';
import { makeInstallation } from './installation.ts';
import { judgeEvidence, verifiedAudit } from './proof.ts';
import { reportKills } from './report-kills.ts';

const things = webThings(3);
const names = things.map(({ name }) => name);
const targets = [{ name: 'fleet', project: 'crash', environment: 'stage', tier: 'stage', connector: 'fleet' } as const];
const configuration = `lease_ms: 1000\ntargets: ${JSON.stringify(targets)}\n`;
const patience = { timeoutMs: 120_000, intervalMs: 100 };

const show = (client: Client, group_id: string) => client.call('groupGet', { params: { group_id } });

async function proposed(client: Client): Promise<string> {
  const body = { action: 'fleet.restart', labels: 'app=web', waves: [1], request_id: randomUUID() };
  const { group_id } = await client.call('groupSelect', { body });
  const planned = async () => (await show(client, group_id)).operations.every(({ state }) => state === 'planned');
  await waitUntil('everything is planned', planned, patience);
  return group_id;
}

/** Does what is still to be done with a group, from however far it has come; with `stops` it is stopped after its first wave. */
async function bring(
  client: Client,
  group_id: string,
  stops: boolean,
  isGone = () => false,
): Promise<GroupView | null> {
  const params = { group_id };
  const group = await show(client, group_id);
  if (group.waves?.state === 'waiting') {
    if (group.operations.some(({ display }) => display === 'waiting_confirmation')) {
      const { confirmation, operations: open } = await client.call('groupConfirmation', { params, body: {} });
      const operations = open.map(({ op_id, plan }) => ({ op_id, digest: plan?.digest ?? '' }));
      await client.call('groupConfirm', { params, body: { operations, confirmation } });
    }
    await client.call('groupStart', { params, body: {} });
  }
  const { ended } = await waitUntil(
    `group ${group_id} ended`,
    async () => {
      if (isGone()) return { ended: null };
      const now = await show(client, group_id);
      if (stops && now.waves?.state === 'running') await client.call('groupStop', { params, body: {} });
      const isOver = now.operations.every(({ state }) => state === 'closed') && now.waves?.state !== 'running';
      return isOver && { ended: now };
    },
    patience,
  );
  return ended;
}

/** What ran is told by the target itself: each thing once and in its turn, or not at all where nothing began. */
function judge(group: GroupView, fleet: Fleet, stops: boolean, point: string): void {
  const ran = group.operations.filter(({ run }) => run?.state === 'succeeded').length;
  expect(fleet.restarted, point).toEqual(names.slice(0, ran));
  if (stops) {
    expect(group.waves?.state, point).toBe('stopped');
    expect(ran, point).toBeLessThan(names.length);
  } else {
    expect(group.waves, point).toMatchObject({ state: 'succeeded', begun: 3 });
    expect(ran, point).toBe(names.length);
  }
}

it.each(wavePoints)(
  'a group whose server is killed at %s goes on with the next server, and nothing runs twice (DO-12, promise 4)',
  async (point) => {
    const stops = point.startsWith('wave-stop');
    await using installation = await makeInstallation({ targets: 0, configuration, entry: await bundledEntry() });
    const victim = await installation.serve({ worker: false, crashAt: `${point}:1` });
    await victim.waitFor(/is ready at/, 120_000);
    const { requester, admin, workerToken } = await installation.enrol();
    const fleet = new Fleet(things);
    const port = httpWorkerPort(connect({ url: installation.url, token: workerToken }));
    const onError = () => sleep(100);
    const worker = await serveFleet(port, fleet, { worker: 'worker', instance: randomUUID(), targets, onError });
    try {
      const groupId = await proposed(requester);
      let gone = false;
      const left = victim.exited.finally(() => {
        gone = true;
      });
      await bring(requester, groupId, stops, () => gone).catch(() => undefined);
      await left;
      expect(await victim.exited, `${point}: ${victim.stderr()}`).toEqual({ code: null, signal: 'SIGKILL' });
      const next = await installation.serve({ worker: false });
      const ended = await bring(requester, groupId, stops);
      if (ended === null) throw new Error('the server is there');
      judge(ended, fleet, stops, point);
      const trust = await admin.call('trust');
      const begun = (await verifiedAudit(admin, trust)).filter(({ event }) => event === 'group.wave_begun');
      const waves = begun.map(({ detail }) => detail['wave']);
      expect(waves).toEqual([1, 2, 3].slice(0, ended.waves?.begun));
      const ran = ended.operations.filter(({ run }) => run?.state === 'succeeded');
      await judgeEvidence(admin, ran, trust);
      await next.kill();
    } finally {
      await worker.stop();
    }
    await reportKills({ points: [point], of: 'server', times: 1, held: 'each of a group ran once, in its turn' });
  },
  300_000,
);

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@countersign/client';
import type { EnrolmentCreateRequest, WorkerView } from '@countersign/protocol';
import { makeTempFolder, waitUntil } from '@countersign/testing';
import { afterAll, expect, it } from 'vitest';
import { startServer } from '../../apps/countersign/src/serve/serve.ts';
import { startWorker } from '../../apps/countersign/src/worker/run-worker.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { propose, runToEnd, writeFiles } from './harness/flow.ts';
import { repoTargets } from './harness/open-server.ts';
import { refusal } from './harness/refused.ts';

const leaseMs = 2000;
const silent = (): void => undefined;
const folder = makeTempFolder();
afterAll(() => folder.remove());

/** The folder of one worker, with its own configuration: targets of the stage with what it allows on each. */
function placeOf(stage: Stage, name: string, allows: Readonly<Record<string, readonly string[] | undefined>>) {
  const path = join(folder.path, `${stage.dialect}-${name}`);
  mkdirSync(path);
  const targets = repoTargets(stage.repos)
    .filter((target) => String(target['name']) in allows)
    .map((target) => {
      const actions = allows[String(target['name'])];
      return actions === undefined ? target : { ...target, actions };
    });
  const config = join(path, 'worker.yaml');
  writeFileSync(config, JSON.stringify({ targets }));
  return { config, env: { PATH: process.env['PATH'], COUNTERSIGN_DATA_DIR: path }, cwd: path };
}

/** A worker may be heard of between two looks. */
const withoutTime = (views: readonly WorkerView[]) => views.map(({ last_seen_at: _at, ...view }) => view);

const enrol = async ({ admin }: Stage, body: EnrolmentCreateRequest): Promise<string> =>
  (await admin.client.call('enrolmentCreate', { body })).secret;

describeServer('workers that join', { worker: false, config: { lease_ms: leaseMs } }, (stage) => {
  it('a worker joins once, comes back with its own key, does what scope and allowlist hold, and survives a restart of the server (DO-1, DO-3)', async () => {
    const secret = await enrol(stage(), { worker: 'beside', targets: ['shop-dev', 'shop-stage'], actions: ['repo.*'] });
    const place = placeOf(stage(), 'beside', {
      'shop-dev': ['repo.write_files', 'repo.status'],
      'shop-stage': undefined,
      'shop-prod': undefined,
    });
    const said: string[] = [];
    const request = { ...place, server: stage().url, token: null };
    const first = await startWorker({ ...request, enrolment: secret }, silent, (line) => void said.push(line));
    expect(said).toEqual([expect.stringContaining('"shop-prod": it is outside of the scope')]);
    await first.stop();
    const keyFile = join(place.cwd, 'worker', 'key.json');
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(keyFile, 'utf8')).not.toContain(secret);

    // The same secret again is no second joining; without it the key is enough.
    const again = await startWorker({ ...request, enrolment: secret }, silent);
    await again.stop();
    const worker = await startWorker({ ...request, enrolment: null }, silent);
    try {
      const { workers } = await stage().vera.client.call('workerList');
      expect(workers).toMatchObject([
        {
          worker: 'beside',
          credential: 'key',
          skew: 'same',
          status: 'ready',
          connectors: [{ connector: 'repo', status: 'ready' }],
          targets: [
            { target: 'shop-dev', status: 'ready', actions: ['repo.status', 'repo.write_files'] },
            { target: 'shop-stage', status: 'ready', actions: null },
          ],
        },
      ]);
      const health = await stage().vera.client.call('health');
      expect(withoutTime(health.workers)).toEqual(withoutTime(workers));
      const proposed = await propose(stage().alice.client, writeFiles('dev', { 'beside.txt': 'one\n' }));
      expect((await runToEnd(stage().alice.client, proposed)).status).toBe('succeeded');
      const left = { action: 'repo.tree', target: 'shop-dev', inputs: {}, request_id: `tree-${stage().dialect}` };
      expect(await refusal(stage().alice.client.call('actionExecute', { body: left }))).toMatchObject({
        code: 'E_WORKER_UNAVAILABLE',
        detail: { workers: ['beside'] },
      });
      const prod = { action: 'repo.status', target: 'shop-prod', inputs: {}, request_id: `prod-${stage().dialect}` };
      expect(await refusal(stage().alice.client.call('actionExecute', { body: prod }))).toMatchObject({
        code: 'E_WORKER_UNAVAILABLE',
      });

      const { port } = new URL(stage().url);
      await stage().running.stop();
      const restarted = await startServer({
        env: { PATH: process.env['PATH'], COUNTERSIGN_LOG_LEVEL: 'fatal', ...databaseOf(stage()) },
        cwd: folder.path,
        dataDir: stage().dataDir,
        config: join(stage().dataDir, '..', 'countersign.yaml'),
        port: Number(port),
        worker: false,
      });
      try {
        const read = await waitUntil('the worker serves the server that came back', async () => {
          const body = { ...prod, target: 'shop-stage', request_id: `back-${stage().dialect}-${Date.now()}` };
          return await stage().alice.client.call('actionExecute', { body });
        });
        expect(read).toMatchObject({ status: 'succeeded' });
        await stage().admin.client.call('workerRevoke', { params: { name: 'beside' } });
        const { workers: ended } = await stage().vera.client.call('workerList');
        expect(ended).toMatchObject([{ status: 'unavailable', message: expect.stringContaining('revoked') }]);
        const stranger = connect({ url: stage().url, token: 'csp_x.y' });
        const claim = { worker: 'beside', instance: '01890000-0000-7000-8000-00000000000f', kinds: ['plan' as const] };
        expect(await refusal(stranger.call('workerClaim', { body: { ...claim, wait_ms: 0 } }))).toMatchObject({
          code: 'E_AUTH_INVALID',
        });
        await expect(startWorker({ ...request, enrolment: null }, silent)).rejects.toMatchObject({
          code: 'E_AUTH_INVALID',
        });
      } finally {
        await restarted.stop();
      }
    } finally {
      await worker.stop();
    }
  });
});

function databaseOf({ databaseUrl }: Stage): Record<string, string> {
  return databaseUrl === null ? {} : { DATABASE_URL: databaseUrl };
}

import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer, type Server } from 'node:tls';
import type { OperationView } from '@countersign/protocol';
import { makeTempFolder, type RunningChild, runCountersign, type TempFolder, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from './harness/certificates.ts';
import { type CountedService, makeCountedService } from './harness/counted-service.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { anchored, digestOf, propose, show, writeFiles } from './harness/flow.ts';
import { openServer, repoTargets } from './harness/open-server.ts';
import { type OtherHost, openOtherHost } from './harness/other-host.ts';
import { type ReadEvent, readStream } from './harness/read-stream.ts';

/** How long the worker's host is without network; longer than a lease, and 60 with COUNTERSIGN_CUT_SECONDS=60. */
const cutSeconds = Number(process.env['COUNTERSIGN_CUT_SECONDS'] ?? '8');
const leaseMs = 4000;
const entry = join(import.meta.dirname, '../../apps/countersign/src/main.ts');

let folder: TempFolder;
let stage: Stage;
let host: OtherHost;
let frontDoor: Server;
let service: CountedService;
let worker: RunningChild;

/** A git whose disk is slow when a branch moves, so that there is time to pull the cable. */
function slowGit(bin: string, mark: string): void {
  const real = ['/usr/bin/git', '/usr/local/bin/git'].find(existsSync) ?? 'git';
  const lines = [
    '#!/bin/sh',
    `for word in "$@"; do if [ "$word" = update-ref ] && [ -e ${mark}.on ]; then touch ${mark}; sleep 1; fi; done`,
    `exec ${real} "$@"`,
  ];
  writeFileSync(join(bin, 'git'), `${lines.join('\n')}\n`);
  chmodSync(join(bin, 'git'), 0o755);
}

/** HTTPS in front of the server, at the one address that the other host can reach. */
function openFrontDoor(to: number, cert: string, key: string): Promise<Server> {
  const server = createServer({ cert, key }, (socket) => {
    const inner = connect(to, '127.0.0.1');
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  return new Promise((resolve) => server.listen(0, host.here, () => resolve(server)));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on no port');
  return address.port;
}

beforeAll(async () => {
  folder = makeTempFolder();
  host = await openOtherHost(1 + (process.pid % 250));
  service = makeCountedService(join(folder.path, 'service'), 'counter');
  expect(await host.run('sh', service.wrap('service', 'counter', 'start'))).toBe(0);
  const services = { name: 'services-dev', project: 'shop', environment: 'dev', connector: 'service' };
  const target = { ...services, config: { driver: 'sysvinit', pid_files: { counter: service.pidFile } } };
  stage = await withPeople(
    await openServer('sqlite', { worker: false, config: { lease_ms: leaseMs }, targets: [target] }),
  );
  const made = makeCertificates(folder.path, [host.here]);
  frontDoor = await openFrontDoor(Number(new URL(stage.url).port), made.cert, made.key);
  const config = join(folder.path, 'worker.yaml');
  const [shop] = repoTargets(stage.repos);
  const allowed = { ...target, actions: ['service.list', 'service.restart'] };
  writeFileSync(config, JSON.stringify({ targets: [shop, allowed] }));
  const secret = await runCountersign(
    ['workers', 'enrol', 'elsewhere', '--target', 'shop-dev', '--target', 'services-dev', '--action', '*'],
    { env: { COUNTERSIGN_SERVER: stage.url, COUNTERSIGN_TOKEN: stage.admin.token }, cwd: folder.path },
  );
  expect(secret.code, secret.stderr).toBe(0);
  writeFileSync(join(folder.path, 'enrolment'), secret.stdout);
  slowGit(folder.path, join(folder.path, 'slow'));
  const args = ['worker', '--server', `https://${host.here}:${portOf(frontDoor)}`, '--config', config];
  const given = ['--enrolment-file', join(folder.path, 'enrolment')];
  worker = await host.start('sh', service.wrap(process.execPath, entry, ...args, ...given), {
    cwd: folder.path,
    env: {
      PATH: `${folder.path}:${process.env['PATH']}`,
      HOME: folder.path,
      NODE_EXTRA_CA_CERTS: join(folder.path, 'ca.pem'),
      COUNTERSIGN_DATA_DIR: join(folder.path, 'worker-data'),
    },
  });
  await worker.waitFor(/Worker ready/);
});
afterAll(async () => {
  await worker.kill();
  frontDoor.close();
  await stage.close();
  process.kill(service.pid(), 'SIGKILL');
  await host[Symbol.asyncDispose]();
  folder.remove();
});

/** The cable is pulled for as long as the test says, then put back. */
async function whileCutOff(look: () => Promise<void>): Promise<void> {
  await host.cutOff();
  const cutAt = performance.now();
  try {
    await look();
    await sleep(Math.max(0, cutSeconds * 1000 - (performance.now() - cutAt)));
  } finally {
    await host.mend();
  }
}

const start = (operation: OperationView): Promise<unknown> =>
  stage.alice.client.call('opsExecute', { body: { op_id: operation.op_id, digest: digestOf(operation) } });

async function succeeds(opId: string): Promise<void> {
  const patience = { timeoutMs: 60_000, intervalMs: 200 };
  const ended = await waitUntil(
    `${opId} has ended`,
    async () => {
      const operation = await show(stage.alice.client, opId);
      return operation.state === 'closed' && operation;
    },
    patience,
  );
  expect(ended.run?.state, JSON.stringify(ended.run)).toBe('succeeded');
}

const unsent = (): string[] => readdirSync(join(folder.path, 'worker-data', 'worker', 'unsent'));
const streamOf = (opId: string): Promise<ReadEvent[]> => readStream(stage.url, stage.alice.token, opId, null);
const textsOf = (events: readonly ReadEvent[]): string[] =>
  events.flatMap(({ event }) => {
    if (event.type === 'progress') return [event.message];
    return event.type === 'output' ? [event.text] : [];
  });

it('a worker on another host reaches the server over HTTPS alone, and nothing listens over there', async () => {
  const health = await runCountersign(['workers', '--json'], {
    env: { COUNTERSIGN_SERVER: stage.url, COUNTERSIGN_TOKEN: stage.vera.token },
    cwd: folder.path,
  });
  expect(health.code, health.stdout + health.stderr).toBe(0);
  expect(JSON.parse(health.stdout)).toMatchObject({
    workers: [
      {
        worker: 'elsewhere',
        credential: 'key',
        skew: 'same',
        status: 'ready',
        targets: [{ target: 'shop-dev' }, { target: 'services-dev', actions: ['service.list', 'service.restart'] }],
      },
    ],
  });
  // What listens in a network namespace stands in its own /proc/net; state 0A is LISTEN.
  const listening = "! grep -qE '^ *[0-9]+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:0000 0A ' /proc/net/tcp /proc/net/tcp6";
  expect(await host.run('sh', ['-c', listening])).toBe(0);
});

it(`cut off for ${cutSeconds} s while a branch moves: one commit, and what it said meanwhile waited on its disk (DO-1)`, async () => {
  const mark = join(folder.path, 'slow');
  const before = await stage.repos.dev.git('rev-list', '--count', 'main');
  writeFileSync(`${mark}.on`, '');
  const proposed = await propose(stage.alice.client, writeFiles('dev', { 'elsewhere.txt': 'moved\n' }));
  await start(proposed);
  await waitUntil('git is about to move the branch', () => existsSync(mark));
  let kept: string[] = [];
  await whileCutOff(async () => {
    await waitUntil('its output waits on disk', () => {
      kept = unsent();
      return kept.length > 0;
    });
  });
  expect(kept).toEqual([expect.stringContaining(proposed.op_id)]);
  await succeeds(proposed.op_id);
  const after = await stage.repos.dev.git('rev-list', '--count', 'main');
  expect(Number(after) - Number(before)).toBe(1);
  const events = await streamOf(proposed.op_id);
  expect(textsOf(events).filter((text) => text.includes('refs/heads/main is at'))).toHaveLength(1);
  expect(events.map(({ id }) => id)).toEqual(events.map((_event, index) => index + 1));
  expect(events.at(-1)?.event.type).toBe('end');
  expect(unsent()).toEqual([]);
  expect((await anchored(stage.alice.client, proposed.op_id)).evidence).toBe('anchored');
}, 240_000);

it(`cut off for ${cutSeconds} s while a service restarts: one restart, counted by the service itself, and a complete log (DO-1)`, async () => {
  const before = service.pid();
  expect(service.counted()).toEqual(['start']);
  const proposed = await propose(stage.alice.client, {
    target: 'services-dev',
    steps: [{ action: 'service.restart', inputs: { service: 'counter', stable_seconds: 1 } }],
  });
  await start(proposed);
  await waitUntil('the service is about to stop', () => service.counted().includes('stopping'));
  await whileCutOff(async () => {
    // Nobody is told of it, and it is had all the same.
    await waitUntil('the service was started anew', () => service.counted().length === 4);
  });
  await succeeds(proposed.op_id);
  expect(service.counted()).toEqual(['start', 'stopping', 'stopped', 'start']);
  expect(service.pid()).not.toBe(before);
  const events = await streamOf(proposed.op_id);
  expect(textsOf(events).filter((text) => text.includes('sysvinit is to restart counter'))).toHaveLength(1);
  expect(events.map(({ id }) => id)).toEqual(events.map((_event, index) => index + 1));
  expect(events.at(-1)?.event.type).toBe('end');
  expect(unsent()).toEqual([]);
  expect(worker.stderr()).not.toContain('unsent output');
  expect((await anchored(stage.alice.client, proposed.op_id)).evidence).toBe('anchored');
}, 240_000);

it('its own audit holds, and says of both what the server says (DO-1, DO-21)', async () => {
  const compared = await runCountersign(['worker', 'audit', 'compare', '--json'], {
    env: {
      COUNTERSIGN_SERVER: stage.url,
      COUNTERSIGN_TOKEN: stage.admin.token,
      COUNTERSIGN_DATA_DIR: join(folder.path, 'worker-data'),
    },
    cwd: folder.path,
  });
  expect(compared.code, compared.stdout + compared.stderr).toBe(0);
  const said: unknown = JSON.parse(compared.stdout);
  expect(said).toMatchObject({ worker: 'elsewhere', unsigned: 0, torn: 0, only_server: [], only_worker: [] });
});

it('what its own allowlist does not hold is refused where it is proposed', async () => {
  const inputs = { service: 'counter' };
  const read = { action: 'service.logs', target: 'services-dev', inputs, request_id: 'logs-elsewhere' };
  await expect(stage.alice.client.call('actionExecute', { body: read })).rejects.toMatchObject({
    code: 'E_WORKER_UNAVAILABLE',
  });
});

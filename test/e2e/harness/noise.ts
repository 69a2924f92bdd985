import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, connect, httpWorkerPort } from '@countersign/client';
import type { Fence, StreamEvent, WorkerPort } from '@countersign/protocol';
import { freePort, makeTempFolder, type RunningChild, startCountersign } from '@countersign/testing';
import { fakeManifest } from '../../../packages/engine/src/fixture/fake-manifest.ts';
import { outputOf } from './fill-stream.ts';

/** Real server processes on one data folder, and a worker over HTTP that says whatever the test wants. */
export interface Noise extends AsyncDisposable {
  /** Address of each server. */
  readonly urls: readonly string[];
  readonly folder: string;
  readonly adminToken: string;
  readonly admin: Client;
  /** The operation whose stream the worker writes to; open until it is cancelled. */
  readonly opId: string;
  /** Process of a server, as it is now. */
  pid(server?: number): number;
  /** Says lines of so many bytes through the first server; answers what was said so far. */
  say(lines: number, bytes: number): Promise<number>;
  /** Kills a server without warning, and starts it again on its port. */
  kill(server?: number): Promise<void>;
  start(server?: number): Promise<void>;
  /** The worker claims its job again, as it must after a restart of its server. */
  claim(): Promise<void>;
  cancel(): Promise<void>;
  /** A token of its own for a reader. */
  reader(name: string): Promise<string>;
}

const linesAtOnce = 8;
const leaseMs = 600_000;

/** Starts the servers, and a worker that plans for ever. More than one server needs Postgres. */
export async function startNoise(options: { servers?: number; databaseUrl?: string } = {}): Promise<Noise> {
  const temp = makeTempFolder();
  const dataDir = join(temp.path, 'data');
  const target = { name: 'noise', project: 'test', environment: 'dev', connector: 'fake' };
  const streams = { per_principal: 5000 };
  writeFileSync(join(temp.path, 'countersign.yaml'), JSON.stringify({ lease_ms: leaseMs, streams, targets: [target] }));
  const ports = await Promise.all(Array.from({ length: options.servers ?? 1 }, freePort));
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const children: (RunningChild | null)[] = ports.map(() => null);
  const start = async (server = 0): Promise<void> => {
    const env = {
      COUNTERSIGN_DATA_DIR: dataDir,
      COUNTERSIGN_PORT: String(ports[server]),
      DATABASE_URL: options.databaseUrl ?? '',
    };
    const child = await startCountersign(['serve', '--no-worker'], { cwd: temp.path, env });
    children[server] = child;
    await child.waitFor(/is ready at/, 60_000);
  };
  for (const server of ports.keys()) await start(server);
  const [url = ''] = urls;
  const tokenFile = join(dataDir, 'admin.token');
  if (!existsSync(tokenFile)) throw new Error('no token was made');
  const adminToken = readFileSync(tokenFile, 'utf8').trim();
  const admin = connect({ url, token: adminToken });
  const { token } = await admin.call('tokenCreate', { body: { name: 'noisy', kind: 'worker', role: 'worker' } });
  const port: WorkerPort = httpWorkerPort(connect({ url, token }));
  let fence: Fence = { job_id: randomUUID(), fence: 1, instance: randomUUID() };
  let first = 1;
  let said = 0;
  const register = async (): Promise<string> => {
    const instance = fence.instance;
    const targets = [{ name: 'noise', connector: 'fake', status: 'ready' as const, message: '' }];
    await port.register({ worker: 'noisy', instance, version: '1', targets, manifests: [fakeManifest] });
    return instance;
  };
  const claim = async (): Promise<void> => {
    const instance = await register();
    const request = { worker: 'noisy', instance, kinds: ['plan' as const], wait_ms: 10_000 };
    const job = await port.claim(request, new AbortController().signal);
    if (job === null) throw new Error('there is no job to claim');
    fence = { job_id: job.job_id, fence: job.fence, instance };
    first = 1;
  };
  await register();
  const steps = [{ action: 'fake.set', inputs: { value: 'x' } }];
  const { op_id: opId } = await admin.call('opsPlan', { body: { target: 'noise', steps }, preferWaitSeconds: 0 });
  await claim();
  return {
    urls,
    folder: temp.path,
    adminToken,
    admin,
    opId,
    pid: (server = 0) => children[server]?.pid ?? 0,
    async say(lines, bytes) {
      for (let left = lines; left > 0; left -= linesAtOnce) {
        const events: StreamEvent[] = [];
        for (let count = Math.min(left, linesAtOnce); count > 0; count -= 1) {
          said += 1;
          events.push(outputOf(`line ${said} `.padEnd(bytes - 1, 'x').concat('\n')));
        }
        await port.appendOutput(fence, { first, events });
        first += events.length;
      }
      return said;
    },
    async kill(server = 0) {
      await children[server]?.kill();
      children[server] = null;
    },
    start,
    claim,
    async cancel() {
      await admin.call('opsCancel', { params: { op_id: opId }, body: {} });
    },
    reader: async (name) => (await admin.call('tokenCreate', { body: { name, kind: 'person', role: 'viewer' } })).token,
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map((child) => child?.kill()));
      temp.remove();
    },
  };
}

import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { OperationView } from '@countersign/protocol';
import {
  dockerSocket,
  makeTempFolder,
  proxySocket,
  type SocketProxy,
  type TempFolder,
  waitUntil,
} from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LiveContainer, runContainer } from '../../connectors/docker/src/live/containers.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { until } from './harness/flow.ts';
import { HashingReader } from './harness/hashing-reader.ts';
import { type Bearer, openServer } from './harness/open-server.ts';

const watchers = 1000;
const logs = '/logs?';
const patience = { timeoutMs: 90_000, intervalMs: 50 };

let folder: TempFolder;
let proxy: SocketProxy;
let container: LiveContainer;
let stage: Stage;

beforeAll(async () => {
  folder = makeTempFolder();
  proxy = await proxySocket(join(folder.path, 'p.sock'), dockerSocket());
  container = await runContainer('i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done');
  const target = { name: 'docks-dev', project: 'docks', environment: 'dev', connector: 'docker' };
  stage = await withPeople(
    await openServer('sqlite', {
      config: { streams: { per_principal: 2 * watchers } },
      targets: [{ ...target, config: { socket: proxy.path } }],
    }),
  );
});
afterAll(async () => {
  await stage.close();
  await container[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  folder.remove();
});

const asked = (): number => proxy.asked().filter((line) => line.includes(logs)).length;

/** Begins to follow the container's log; answers the operation once its lines come. */
async function follow({ client }: Bearer): Promise<string> {
  const inputs = { container: container.name, follow: true, tail: 'all' };
  const body = { request_id: randomUUID(), target: 'docks-dev', action: 'docker.logs', inputs, wait_ms: 0 };
  const { op_id: opId } = await client.call('actionExecute', { body });
  await waitUntil(
    'lines come',
    async () => (await linesOf(opId)).some(({ text }) => text.includes('line 1')),
    patience,
  );
  return opId;
}

async function cancel({ client }: Bearer, opId: string): Promise<OperationView> {
  await client.call('opsCancel', { params: { op_id: opId }, body: {} });
  return await until(client, opId, 'ended', ({ state }) => state === 'closed');
}

const linesOf = (opId: string) =>
  stage.running.context.store.read((reads) => reads.streams.linesAfter(opId, 0, 10_000));

it('1,000 readers of one followed docker.logs cost the daemon one connection, which a cancel closes (DO-7, DO-18)', async () => {
  const before = asked();
  const opId = await follow(stage.alice);
  const readers: HashingReader[] = [];
  const join = (count: number): void => {
    for (let n = 0; n < count; n += 1)
      readers.push(new HashingReader(stage.url, `/v1/ops/${opId}/events`, stage.vera.token));
  };
  for (let round = 0; round < 10; round += 1) {
    join(watchers / 10);
    await waitUntil('all are answered', () => readers.every(({ answered }) => answered), patience);
    expect([asked() - before, proxy.open(logs)]).toEqual([1, 1]);
  }
  const joined = (await linesOf(opId)).length;
  await waitUntil('the log goes on', async () => (await linesOf(opId)).length > joined + 20, patience);
  expect([readers.length, asked() - before, proxy.open(logs)]).toEqual([watchers, 1, 1]);

  const ended = await cancel(stage.alice, opId);
  expect(ended).toMatchObject({ run: { state: 'cancelled', summary: { ended: 'cancelled', truncated: false } } });
  expect(proxy.open(logs)).toBe(0);
  await waitUntil('all have the end', () => readers.every(({ over }) => over), patience);
  const wanted = createHash('sha256');
  for (const { sequence, text } of await linesOf(opId)) wanted.update(`id: ${sequence}\ndata: ${text}\n\n`);
  expect(new Set(readers.map((reader) => reader.hash.digest('hex')))).toEqual(new Set([wanted.digest('hex')]));
  expect([asked() - before, proxy.open(logs)]).toEqual([1, 0]);
  for (const { socket } of readers) socket.destroy();
});

it('two callers who follow one container have a read each: the end of one is not the end of the other (DO-18)', async () => {
  const carol = await stage.bearer({ name: 'carol', kind: 'person', role: 'actions' });
  const before = asked();
  const [first, second] = [await follow(stage.alice), await follow(carol)];
  expect([asked() - before, proxy.open(logs)]).toEqual([2, 2]);
  expect((await cancel(stage.alice, first)).run?.state).toBe('cancelled');
  expect(proxy.open(logs)).toBe(1);
  const left = (await linesOf(second)).length;
  await waitUntil('the other goes on', async () => (await linesOf(second)).length > left + 5, patience);
  expect((await cancel(carol, second)).run?.state).toBe('cancelled');
  expect(proxy.open(logs)).toBe(0);
});

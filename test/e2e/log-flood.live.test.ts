import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActionAnswer } from '@countersign/protocol';
import {
  dockerSocket,
  makeTempFolder,
  proxySocket,
  type RunningChild,
  type SocketProxy,
  type TempFolder,
  waitUntil,
} from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { runContainer } from '../../connectors/docker/src/live/containers.ts';
import { ask } from '../../connectors/docker/src/live/daemon-api.ts';
import { type Installation, makeInstallation, type People } from '../crash/installation.ts';
import { type Flood, firstDifference, floodScript, floodText } from './harness/flood.ts';
import { MemoryWatch, watchedEnv } from './harness/memory-watch.ts';
import { type ReadEvent, readStream } from './harness/read-stream.ts';

/** How long the container writes: 60 with COUNTERSIGN_FLOOD_SECONDS=60. */
const seconds = Number(process.env['COUNTERSIGN_FLOOD_SECONDS'] ?? '20');
const linesPerSecond = 10_000;
const capBytes = 4 * 1024 * 1024;
const logs = '/logs?';
const patience = { timeoutMs: (seconds + 60) * 1000, intervalMs: 200 };

let folder: TempFolder;
let proxy: SocketProxy;
let installation: Installation;
let server: RunningChild;
let worker: RunningChild;
let people: People;

beforeAll(async () => {
  folder = makeTempFolder();
  proxy = await proxySocket(join(folder.path, 'p.sock'), dockerSocket());
  const target = { name: 'docks', project: 'flood', environment: 'dev', connector: 'docker' };
  const configuration = JSON.stringify({ targets: [{ ...target, config: { socket: proxy.path } }] });
  installation = await makeInstallation({ targets: 0, configuration });
  server = await installation.serve({ worker: false, env: watchedEnv });
  people = await installation.enrol();
  worker = await installation.work(people.workerToken, { env: watchedEnv });
});
afterAll(async () => {
  await installation[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  folder.remove();
});

/** What a read of a flood came to, at its caller and at a reader of its stream. */
interface Followed {
  readonly answer: ActionAnswer;
  readonly artifact: string;
  readonly events: readonly ReadEvent[];
  /** How long the container wrote, and how long after its last line the read was at its end, in milliseconds. */
  readonly wroteMs: number;
  readonly behindMs: number;
}

const State = z.object({ State: z.object({ Status: z.string(), StartedAt: z.string(), FinishedAt: z.string() }) });

async function follow(flood: Flood): Promise<Followed> {
  await using container = await runContainer(floodScript(flood));
  const inputs = { container: container.name, follow: true, tail: 'all' };
  const request_id = randomUUID();
  const { requester } = people;
  const body = { request_id, target: 'docks', action: 'docker.logs', inputs, wait_ms: 0 };
  const { op_id: opId } = await requester.call('actionExecute', { body });
  const events = readStream(installation.url, adminToken(), opId, null);
  const answer = await waitUntil(
    'the read has ended',
    async () => {
      const now = await requester.call('actionStatus', { params: { request_id } });
      return now.duration_ms !== null && now;
    },
    patience,
  );
  const endedAt = Date.now();
  const { State: state } = State.parse(await ask(`/containers/${container.id}/json`));
  const [kept] = answer.artifacts;
  const bytes = await requester.call('artifact', { params: { artifact_id: kept?.artifact_id ?? '' } });
  const wroteMs = Date.parse(state.FinishedAt) - Date.parse(state.StartedAt);
  return {
    ...{ answer, artifact: new TextDecoder().decode(bytes), events: await events },
    ...{ wroteMs, behindMs: endedAt - Date.parse(state.FinishedAt) },
  };
}

const adminToken = (): string => readFileSync(join(installation.dataDir, 'admin.token'), 'utf8').trim();

const saidIn = (events: readonly ReadEvent[]): string =>
  events.flatMap(({ event }) => (event.type === 'output' ? [event.text] : [])).join('');

it(`10,000 lines a second for ${seconds} s are followed whole and in order, and no memory grows (DO-7, DO-8, DO-18)`, async () => {
  const flood = { seconds, linesPerSecond };
  await using ofServer = await MemoryWatch.of(server);
  await using ofWorker = await MemoryWatch.of(worker);
  const { answer, artifact, events, wroteMs, behindMs } = await follow(flood);
  const grown = { server: ofServer.grownMb(), worker: ofWorker.grownMb() };
  const wanted = `started\n${floodText(flood)}`;
  expect(wanted.length).toBeLessThan(capBytes);
  expect(firstDifference(artifact, wanted)).toBeNull();
  expect(firstDifference(saidIn(events), wanted)).toBeNull();
  expect(answer).toMatchObject({
    ...{ status: 'succeeded', truncated: false, output_cap_bytes: capBytes },
    summary: { lines: seconds * linesPerSecond + 1, bytes: wanted.length, truncated: false, ended: 'container_ended' },
  });
  expect(events.map(({ event }) => event.type)).not.toContain('truncated');
  // The writer kept its rate, and whoever follows kept up with it.
  expect(wroteMs).toBeLessThan(1100 * seconds + 1000);
  expect(behindMs).toBeLessThan(5000);
  // Measured over 60 s: by the least 2 to 4 MiB at the server, -3 at the worker; 16 where every line is kept for itself.
  for (const [name, { median, least }] of Object.entries(grown)) {
    expect(median, name).toBeLessThan(32);
    expect(least, name).toBeLessThan(8);
  }
});

it(`of a log beyond the cap of 4 MiB exactly its beginning is kept, everybody is told, and the daemon is left alone (DO-8, DO-18)`, async () => {
  const flood = { seconds: 10, linesPerSecond, padding: 'x'.repeat(100) };
  const { answer, artifact, events } = await follow(flood);
  const wanted = `started\n${floodText(flood)}`.slice(0, capBytes);
  expect(firstDifference(artifact, wanted)).toBeNull();
  expect(firstDifference(saidIn(events), wanted)).toBeNull();
  expect(answer).toMatchObject({
    ...{ status: 'succeeded', truncated: true, output_cap_bytes: capBytes },
    summary: { bytes: capBytes, truncated: true, ended: 'output_cap' },
    artifacts: [{ size_bytes: capBytes, truncated: true }],
  });
  const marks = events.filter(({ event }) => event.type === 'truncated');
  expect(marks).toMatchObject([{ event: { cap_bytes: capBytes, dropped_bytes: expect.any(Number) } }]);
  expect(proxy.open(logs)).toBe(0);
});

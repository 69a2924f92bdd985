import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { contextOf } from '@countersign/connector-kit/conformance';
import { dockerSocket, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { admin } from './admin.ts';
import { apiProxy } from './api-proxy.ts';
import {
  connectCluster,
  containerOf,
  createNamespace,
  kubeconfigFor,
  makePod,
  podOf,
  podSpec,
  removeNamespace,
  stepOf,
  untilStopped,
} from './cluster.ts';

const execute = promisify(execFile);
const State = z.object({
  running: z.object({}).optional(),
  terminated: z.object({ containerID: z.string() }).optional(),
});
/** A pod of one container, of which a run has ended. */
const Ended = z.object({
  status: z.object({ containerStatuses: z.tuple([z.object({ state: State, lastState: State })]) }),
});

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');
const countTo = (last: number) => `i=0; while [ $i -lt ${last} ]; do i=$((i+1)); echo line $i; done`;
const long = 'head -c 40000 /dev/zero | tr "\\0" x; echo; echo end';

/** A pod takes seconds to start, so all that talk are containers of one. */
let namespace = '';
beforeAll(async () => {
  namespace = await createNamespace();
  const containers = [
    containerOf('talker', `${countTo(3000)}; echo ERROR broken; ${untilStopped}`),
    containerOf('short', 'i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo line $i; sleep 0.1; done; sleep 3; exit 1'),
    containerOf('quiet', `echo started; ${untilStopped}`),
    containerOf('chatty', 'while :; do echo 0123456789; sleep 0.001; done'),
    containerOf('long', `${long}; ${untilStopped}`),
  ];
  await makePod(namespace, 'many', podSpec('', { containers }));
});
afterAll(() => removeNamespace(namespace));

const readOf = async (inputs: object) => {
  const context = contextOf();
  const step = stepOf('k8s.pod_logs', { pod: 'many', ...inputs });
  const result = await connectCluster({ namespace }).read(step, context);
  return { ...result, text: context.text() };
};

it('follows until the container ends, and reads the run before its restart (DO-6)', async () => {
  const { text, summary } = await readOf({ container: 'short', follow: true, tail: 'all' });
  expect(text).toBe(numbered(1, 20));
  expect(summary).toMatchObject({ lines: 20, ended: 'container_ended', truncated: false });
  const restarted = async () => {
    const { containerStatuses } = (await podOf(namespace, 'many')).status;
    return containerStatuses.some(({ name, restartCount }) => name === 'short' && restartCount > 0);
  };
  await waitUntil('it was started again', restarted, { timeoutMs: 60_000 });
  const before = async () => (await readOf({ container: 'short', previous: true })).text;
  await waitUntil('the run before is there', async () => (await before()) === numbered(1, 20), { timeoutMs: 60_000 });
});

it('the log of a run that its node has cleared away is said to be gone, and what to read instead (DO-6)', async () => {
  const script = 'echo one; [ -e /kept/again ] && exec sleep 600; touch /kept/again; exit 1';
  const volumeMounts = [{ name: 'kept', mountPath: '/kept' }];
  const containers = [{ ...containerOf('main', script), volumeMounts }];
  await makePod(namespace, 'cleared', podSpec('', { containers, volumes: [{ name: 'kept', emptyDir: {} }] }));
  const endedRun = async () => {
    const [main] = Ended.parse(await admin('GET', `/api/v1/namespaces/${namespace}/pods/cleared`)).status
      .containerStatuses;
    return main.state.running !== undefined && main.lastState.terminated?.containerID.replace('docker://', '');
  };
  const gone = await waitUntil('it runs again', endedRun, { timeoutMs: 60_000 });
  const read = () => readOf({ pod: 'cleared', previous: true });
  expect((await read()).text).toBe('one\n');
  await execute('docker', ['-H', `unix://${dockerSocket()}`, 'rm', gone]);
  await expect(read()).rejects.toMatchObject({
    ...{ code: 'E_TARGET_MISSING', effect: 'none' },
    detail: { pod: 'cleared', container: 'main', next: expect.stringContaining('the one that runs now') },
  });
  expect((await readOf({ pod: 'cleared' })).text).toBe('one\n');
});

it('gives the last lines, 200 unless told, all of them, and time stamps, with a summary (DO-6)', async () => {
  const read = (inputs: object) => readOf({ container: 'talker', ...inputs });
  await waitUntil('all is written', async () => (await read({ tail: 1 })).text === 'ERROR broken\n');
  expect((await read({ tail: 3 })).text).toBe(`${numbered(2999, 3000)}ERROR broken\n`);
  expect((await read({ tail: 0 })).text).toBe('');
  expect((await read({ tail: 1, timestamps: true })).text).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z ERROR broken\n$/);
  const all = await read({ tail: 'all' });
  expect(all.text).toBe(`${numbered(1, 3000)}ERROR broken\n`);
  expect(all.summary).toMatchObject({
    ...{ pod: 'many', namespace, container: 'talker', previous: false, lines: 3001 },
    ...{ levels: { error: 1 }, repeated: [{ text: 'line 1', count: 3000 }], truncated: false, ended: 'end_of_log' },
  });
  const { first_line_at, last_line_at } = all.summary;
  expect(Date.parse(String(first_line_at))).toBeLessThanOrEqual(Date.parse(String(last_line_at)));
  expect(Buffer.from(all.artifacts[0]?.content ?? []).toString()).toBe(all.text);
  expect((await read({ since: '1h' })).summary).toMatchObject({ lines: 200 });
  const later = new Date(Date.parse(String(last_line_at)) + 2000).toISOString();
  expect((await read({ since: later, tail: 'all' })).text).toBe('');
});

it.each([
  ['cancelled', undefined],
  ['max_duration', new DOMException('over', 'TimeoutError')],
])('a follow that ends as %s closes the connection at once and keeps what it has (DO-18)', async (ended, reason) => {
  await using proxy = await apiProxy();
  const connection = connectCluster({ namespace, kubeconfig: kubeconfigFor('admin', { server: proxy.url }) });
  const controller = new AbortController();
  const context = contextOf({ signal: controller.signal });
  const step = stepOf('k8s.pod_logs', { pod: 'many', container: 'quiet', follow: true });
  const following = connection.read(step, context);
  await waitUntil('the first line is there', () => context.text() === 'started\n', { timeoutMs: 20_000 });
  expect(proxy.open()).toBe(1);
  const abortedAt = performance.now();
  controller.abort(reason);
  const { summary, artifacts } = await following;
  await waitUntil('the connection is closed', () => proxy.open() === 0, { timeoutMs: 1000, intervalMs: 5 });
  expect(performance.now() - abortedAt).toBeLessThan(1000);
  expect(summary).toMatchObject({ lines: 1, ended });
  expect(Buffer.from(artifacts[0]?.content ?? []).toString()).toBe('started\n');
});

it('stops at the output cap, says so, and closes the connection', async () => {
  await using proxy = await apiProxy();
  const connection = connectCluster({ namespace, kubeconfig: kubeconfigFor('admin', { server: proxy.url }) });
  const context = contextOf({ outputCapBytes: 5000 });
  const step = stepOf('k8s.pod_logs', { pod: 'many', container: 'chatty', follow: true, tail: 'all' });
  const { summary, artifacts } = await connection.read(step, context);
  expect(summary).toMatchObject({ bytes: 5000, truncated: true, ended: 'output_cap' });
  expect(artifacts[0]?.content).toHaveLength(5000);
  expect(context.text().slice(0, 5000)).toBe(Buffer.from(artifacts[0]?.content ?? []).toString());
  await waitUntil('the connection is closed', () => proxy.open() === 0, { timeoutMs: 1000 });
});

it('asks which container of several is meant, offers the nearest, and takes lines longer than a piece', async () => {
  await expect(readOf({})).rejects.toMatchObject({
    code: 'E_VALIDATION',
    detail: { field: 'container', containers: ['talker', 'short', 'quiet', 'chatty', 'long'] },
  });
  await expect(readOf({ container: 'quite' })).rejects.toMatchObject({
    code: 'E_TARGET_MISSING',
    detail: { nearest: ['quiet'] },
  });
  expect((await readOf({ container: 'long' })).text).toBe(`${'x'.repeat(40_000)}\nend\n`);
});

it('says which pod there is instead, and that a container had no earlier run', async () => {
  await expect(readOf({ pod: 'manz' })).rejects.toMatchObject({
    code: 'E_TARGET_MISSING',
    detail: { nearest: ['many'] },
  });
  await expect(readOf({ container: 'quiet', previous: true })).rejects.toMatchObject({
    code: 'E_TARGET_REFUSED',
    detail: { server_message: expect.stringContaining('previous terminated container') },
  });
});

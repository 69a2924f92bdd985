import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contextOf } from '@countersign/connector-kit/conformance';
import { dockerSocket, proxySocket, tempFolder, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { connectDocker, stepOf } from './connection.ts';
import { docker, runContainer, untilStopped } from './containers.ts';

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');
const countTo = (last: number) => `i=0; while [ $i -lt ${last} ]; do i=$((i+1)); echo line $i; done`;

it('gives all lines in order, with summary and artifact', async () => {
  await using container = await runContainer(`${countTo(3000)}; echo "ERROR broken" >&2; ${untilStopped}`);
  await waitUntil('all is written', async () => (await docker('logs', '--tail', '1', container.name)) !== 'started');
  await sleep(300);
  const context = contextOf();
  const step = stepOf('docker.logs', { container: container.name, tail: 'all' });
  const { summary, artifacts } = await connectDocker().read(step, context);
  const stdout = `started\n${numbered(1, 3000)}`;
  const of = (channel: string) => context.heard.filter((each) => each.channel === channel).map(({ text }) => text);
  expect(of('stdout').join('')).toBe(stdout);
  expect(of('stderr').join('')).toBe('ERROR broken\n');
  expect(artifacts).toMatchObject([{ name: 'container.log', mediaType: 'text/plain', truncated: false }]);
  expect(Buffer.from(artifacts[0]?.content ?? []).toString()).toBe(context.text());
  expect(summary).toMatchObject({
    container: container.name,
    container_id: container.id,
    ...{ lines: 3002, stdout_lines: 3001, stderr_lines: 1, bytes: Buffer.byteLength(context.text()) },
    levels: { error: 1, warn: 0, info: 0, debug: 0 },
    repeated: [{ text: 'line 1', count: 3000 }],
    ...{ truncated: false, ended: 'end_of_log' },
  });
  expect(Date.parse(String(summary['first_line_at']))).toBeLessThanOrEqual(Date.parse(String(summary['last_line_at'])));
});

it('gives the last lines, 200 unless told, and time stamps when asked', async () => {
  await using container = await runContainer(`${countTo(500)}; ${untilStopped}`);
  await waitUntil('all is written', async () => (await docker('logs', '--tail', '1', container.name)) === 'line 500');
  const read = async (inputs: object) => {
    const context = contextOf();
    await connectDocker().read(stepOf('docker.logs', { container: container.name, ...inputs }), context);
    return context.text();
  };
  expect(await read({})).toBe(numbered(301, 500));
  expect(await read({ tail: 3 })).toBe(numbered(498, 500));
  expect(await read({ tail: 0 })).toBe('');
  expect(await read({ tail: 1, timestamps: true })).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z line 500\n$/);
});

it('gives only what came since', async () => {
  await using container = await runContainer(`sleep 2.2; echo second; ${untilStopped}`);
  await waitUntil('all is written', async () => (await docker('logs', '--tail', '1', container.name)) === 'second');
  const stamp = (await docker('logs', '--timestamps', '--tail', '1', container.name)).split(' ')[0] ?? '';
  for (const since of ['1s', stamp, Date.parse(stamp) / 1000 - 1]) {
    const context = contextOf();
    await connectDocker().read(stepOf('docker.logs', { container: container.name, since }), context);
    expect(context.text(), String(since)).toBe('second\n');
  }
});

it('follows until the container ends: all lines, in order', async () => {
  const script = 'sleep 0.5; i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo line $i; sleep 0.05; done';
  await using container = await runContainer(script);
  const context = contextOf();
  const step = stepOf('docker.logs', { container: container.name, follow: true });
  const { summary } = await connectDocker().read(step, context);
  expect(context.text()).toBe(`started\n${numbered(1, 20)}`);
  expect(summary).toMatchObject({ lines: 21, ended: 'container_ended', truncated: false });
});

it.each([
  ['cancelled', undefined],
  ['max_duration', new DOMException('over', 'TimeoutError')],
])('a follow that ends as %s closes the connection at once and keeps what it has', async (ended, reason) => {
  await using container = await runContainer(untilStopped);
  await using proxy = await proxySocket(join(tempFolder(), 'p.sock'), dockerSocket());
  const controller = new AbortController();
  const context = contextOf({ signal: controller.signal });
  const step = stepOf('docker.logs', { container: container.name, follow: true });
  const following = connectDocker(proxy.path).read(step, context);
  await waitUntil('the first line is there', () => context.text() === 'started\n');
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
  await using container = await runContainer(`while :; do echo 0123456789; done`);
  await using proxy = await proxySocket(join(tempFolder(), 'p.sock'), dockerSocket());
  const context = contextOf({ outputCapBytes: 5000 });
  const step = stepOf('docker.logs', { container: container.name, follow: true });
  const { summary, artifacts } = await connectDocker(proxy.path).read(step, context);
  expect(summary).toMatchObject({ bytes: 5000, truncated: true, ended: 'output_cap' });
  expect(artifacts[0]).toMatchObject({ truncated: true });
  expect(artifacts[0]?.content).toHaveLength(5000);
  // The line at which it is cut goes out whole: the runner cuts the stream.
  expect(context.text()).toMatch(/0123456789\n$/);
  expect(context.text().slice(0, 5000)).toBe(Buffer.from(artifacts[0]?.content ?? []).toString());
  await waitUntil('the connection is closed', () => proxy.open() === 0, { timeoutMs: 1000 });
});

it('reads a container with a terminal, long lines included', async () => {
  const long = 'head -c 40000 /dev/zero | tr "\\\\0" x; echo; echo \'{"level":"warn"}\'';
  await using container = await runContainer(`${long}; ${untilStopped}`, ['-t']);
  await waitUntil('all is written', async () => (await docker('logs', '--tail', '1', container.name)).includes('warn'));
  const context = contextOf();
  const step = stepOf('docker.logs', { container: container.name });
  const { summary } = await connectDocker().read(step, context);
  expect(context.text()).toBe(`started\n${'x'.repeat(40_000)}\n{"level":"warn"}\n`);
  expect(summary).toMatchObject({ lines: 3, levels: { warn: 1 } });
});

it('says which container there is instead', async () => {
  await using container = await runContainer(untilStopped);
  const wrong = `${container.name}x`;
  const read = connectDocker().read(stepOf('docker.logs', { container: wrong }), contextOf());
  await expect(read).rejects.toMatchObject({
    code: 'E_TARGET_MISSING',
    effect: 'none',
    detail: { container: wrong, nearest: expect.arrayContaining([container.name]) },
  });
});

it('says that a logging driver keeps no lines', async () => {
  const name = (await docker('run', '-d', '--log-driver', 'none', 'countersign/busybox:1', 'sleep', '60')).slice(0, 12);
  const read = connectDocker().read(stepOf('docker.logs', { container: name }), contextOf());
  await expect(read).rejects.toMatchObject({
    code: 'E_TARGET_REFUSED',
    detail: { daemon_message: expect.stringContaining('logging driver') },
  });
  await docker('rm', '-f', name);
});

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { type ExecRequest, localExec } from '@countersign/connector-kit';
import { busyboxImage, testKubeconfig, waitUntil } from '@countersign/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { execAt, type PlacedExec } from '../exec/exec-at.ts';
import { hostileWords } from '../fixture/hostile-words.ts';
import { ExecPlace } from '../place/exec-place.ts';

const execute = promisify(execFile);
const namespace = `countersign-${randomUUID().slice(0, 8)}`;

async function kubectl(...args: readonly string[]): Promise<string> {
  return (await execute('kubectl', [`--kubeconfig=${testKubeconfig()}`, '-n', namespace, ...args])).stdout.trim();
}

const placed = (pod: string, more: object = {}): PlacedExec =>
  execAt(ExecPlace.parse({ kind: 'pod', kubeconfig: testKubeconfig(), namespace, pod, ...more }), localExec);

let exec: PlacedExec;
beforeAll(async () => {
  await kubectl('create', 'namespace', namespace);
  await kubectl(
    'run',
    'host',
    `--image=${busyboxImage}`,
    '--image-pull-policy=Never',
    '--command',
    '--',
    'sleep',
    '600',
  );
  await waitUntil(
    'the pod runs',
    async () => (await kubectl('get', 'pod', 'host', '-o', 'jsonpath={.status.phase}')) === 'Running',
    { timeoutMs: 60_000 },
  );
  exec = placed('host');
});
afterAll(() => kubectl('delete', 'namespace', namespace, '--wait=false'));

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const run = (file: string, args: readonly string[], changes: Partial<ExecRequest> = {}) =>
  exec.run({ file, args, env: {}, timeoutMs: 20_000, maxBytes: 1_000_000, ...changes });
const shell = (script: string, changes: Partial<ExecRequest> = {}) => run('sh', ['-c', script], changes);

it('gets its arguments, environment and folder, and answers with output and exit code', async () => {
  const script = 'pwd; printf "%s|" "$@"; printf "%s\n" "$MARK"; echo oops >&2; exit 3';
  const { code, stdout, stderr, timedOut, truncated } = await run('sh', ['-c', script, 'sh', "it's", '$(id)', ''], {
    env: { MARK: 'a b' },
    cwd: '/tmp',
  });
  expect(text(stdout)).toBe("/tmp\nit's|$(id)||a b\n");
  expect(text(stderr)).toBe('oops\n');
  expect({ code, timedOut, truncated }).toEqual({ code: 3, timedOut: false, truncated: false });
});

it('gets 2,000 hostile arguments as they are', async () => {
  const words = fc.sample(hostileWords, { numRuns: 2000, seed: 20_261_128 });
  for (let at = 0; at < words.length; at += 100) {
    const sent = words.slice(at, at + 100);
    const { stdout } = await run('printf', ['%s\\0', ...sent]);
    expect(text(stdout).split('\0').slice(0, -1)).toEqual(sent);
  }
});

it.each([
  ['cancelled', 'signal'],
  ['out of time', 'time'],
])('is ended when it is %s, in the pod too', async (_how, by) => {
  const controller = new AbortController();
  const mark = randomUUID();
  const running = shell(
    `echo ${mark}; sleep 300; true`,
    by === 'time' ? { timeoutMs: 2500 } : { signal: controller.signal },
  );
  const isThere = async () => (await kubectl('exec', 'host', '--', 'ps')).includes(mark);
  await waitUntil('it runs', isThere, { timeoutMs: 10_000 });
  controller.abort();
  const { timedOut } = await running;
  expect(timedOut).toBe(by === 'time');
  await waitUntil('it has ended', async () => !(await isThere()), { timeoutMs: 10_000 });
});

it('is cut at its bound of output', async () => {
  const { stdout, truncated } = await shell('while :; do echo 0123456789; done', { maxBytes: 5000 });
  expect([stdout.length, truncated]).toEqual([5000, true]);
});

it('says what cannot be started, which pod is missing, and what cannot be had', async () => {
  await expect(run('no-such-program', [])).rejects.toMatchObject({
    code: 'E_TARGET_UNREACHABLE',
    effect: 'none',
    message: expect.stringContaining('cannot start no-such-program'),
  });
  const request = { file: 'true', args: [], env: {}, timeoutMs: 10_000, maxBytes: 100 };
  await expect(placed('nobody').run(request)).rejects.toMatchObject({ code: 'E_TARGET_MISSING', effect: 'none' });
  await expect(placed('host', { kubeconfig: '/nowhere' }).run(request)).rejects.toMatchObject({
    code: 'E_TARGET_UNREACHABLE',
    effect: 'none',
  });
  await expect(
    placed('host', { kubeconfig: testKubeconfig().replace('admin', 'viewer') }).run(request),
  ).rejects.toMatchObject({
    code: 'E_TARGET_REFUSED',
    message: `the account may not create pods/exec for pod host in namespace ${namespace}`,
  });
  await expect(run('cat', [], { stdin: Buffer.from('x') })).rejects.toMatchObject({
    code: 'E_VALIDATION',
    detail: { field: 'stdin' },
  });
});

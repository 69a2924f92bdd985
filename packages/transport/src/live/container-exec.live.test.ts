import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { type ExecRequest, localExec } from '@countersign/connector-kit';
import { busyboxImage, dockerSocket } from '@countersign/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quoteWord } from '../exec/command-line.ts';
import { execAt, type PlacedExec } from '../exec/exec-at.ts';
import { hostileWords } from '../fixture/hostile-words.ts';
import { ExecPlace } from '../place/exec-place.ts';

const execute = promisify(execFile);
const name = `countersign-exec-${randomUUID().slice(0, 8)}`;
let exec: PlacedExec;

async function docker(...args: readonly string[]): Promise<string> {
  return (await execute('docker', ['-H', `unix://${dockerSocket()}`, ...args])).stdout.trim();
}

function placed(container: string): PlacedExec {
  return execAt(ExecPlace.parse({ kind: 'container', docker: { socket: dockerSocket() }, container }), localExec);
}

beforeAll(async () => {
  await docker('run', '-d', '--name', name, busyboxImage, 'sleep', '600');
  exec = placed(name);
});
afterAll(async () => {
  await exec.close();
  await docker('rm', '-f', name);
});

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const run = (file: string, args: readonly string[], changes: Partial<ExecRequest> = {}) =>
  exec.run({ file, args, env: {}, timeoutMs: 20_000, maxBytes: 1_000_000, ...changes });
const shell = (script: string, changes: Partial<ExecRequest> = {}) => run('sh', ['-c', script], changes);

describe('a program in a container', () => {
  it('gets its arguments, environment, folder and input, and answers with output and exit code', async () => {
    const script = 'pwd; printf "%s|" "$@"; printf "%s\n" "$MARK"; cat; echo oops >&2; exit 3';
    const { code, stdout, stderr, timedOut, truncated } = await run('sh', ['-c', script, 'sh', "it's", '$(id)', ''], {
      env: { MARK: 'a b' },
      cwd: '/tmp',
      stdin: Buffer.from('typed'),
    });
    expect(text(stdout)).toBe("/tmp\nit's|$(id)||a b\ntyped");
    expect(text(stderr)).toBe('oops\n');
    expect({ code, timedOut, truncated }).toEqual({ code: 3, timedOut: false, truncated: false });
  });

  it('gets 2,000 hostile arguments as they are', async () => {
    const words = fc.sample(hostileWords, { numRuns: 2000, seed: 20_261_128 });
    for (let at = 0; at < words.length; at += 500) {
      const sent = words.slice(at, at + 500);
      const { stdout } = await run('printf', ['%s\\0', ...sent]);
      expect(text(stdout).split('\0').slice(0, -1)).toEqual(sent);
    }
  });

  it("reads a quoted command line back with busybox's shell: 2,000 hostile arguments", async () => {
    const words = fc.sample(hostileWords, { numRuns: 2000, seed: 11 });
    for (let at = 0; at < words.length; at += 500) {
      const sent = words.slice(at, at + 500);
      const { stdout } = await shell(`exec printf '%s\\0' ${sent.map(quoteWord).join(' ')}`);
      expect(text(stdout).split('\0').slice(0, -1)).toEqual(sent);
    }
  });

  it('streams a large output whole', async () => {
    const { stdout, code } = await run('seq', ['100000']);
    expect([code, text(stdout).split('\n').length, text(stdout).endsWith('\n99999\n100000\n')]).toEqual([
      0,
      100_001,
      true,
    ]);
  });

  it('that is not there, or a container that is not, was never started', async () => {
    await expect(run('no-such-program', [])).rejects.toMatchObject({
      code: 'E_TARGET_UNREACHABLE',
      effect: 'none',
      message: expect.stringContaining('no-such-program'),
    });
    await expect(
      placed('nobody').run({ file: 'true', args: [], env: {}, timeoutMs: 5000, maxBytes: 10 }),
    ).rejects.toMatchObject({ code: 'E_TARGET_MISSING', effect: 'none' });
  });

  it('of a container that does not run is refused', async () => {
    await docker('pause', name);
    try {
      await expect(run('true', [])).rejects.toMatchObject({ code: 'E_TARGET_REFUSED', effect: 'none' });
    } finally {
      await docker('unpause', name);
    }
  });
});

describe('bounds', () => {
  const alive = async (mark: string) =>
    text((await shell(`ps -o args | grep -v grep | grep -c ${mark}`)).stdout).trim();

  it('a cancelled program may clean up before it ends', async () => {
    const abort = new AbortController();
    const script = `trap 'rm /tmp/lock; exit 143' TERM; touch /tmp/lock; echo; while :; do sleep 0.05; done`;
    const { code, timedOut } = await shell(script, { signal: abort.signal, onStdout: () => abort.abort() });
    expect([code, timedOut]).toEqual([143, false]);
    expect((await run('test', ['-e', '/tmp/lock'])).code).toBe(1);
  });

  it('one that does not listen is killed at the time limit; the answer holds what came', async () => {
    const late = await shell(`trap '' TERM; echo first; while :; do sleep 0.07; done`, { timeoutMs: 1500 });
    expect([text(late.stdout), late.code, late.timedOut]).toEqual(['first\n', 137, true]);
    expect(await alive('0.07')).toBe('0');
  });

  it('one whose output is over the cap ends, and is cut there', async () => {
    const cut = await shell('while :; do echo 0123456789-countersign; done', { maxBytes: 5000 });
    expect([cut.stdout.length, cut.truncated]).toEqual([5000, true]);
    expect(await alive('0123456789-countersign')).toBe('0');
  });

  it('without a shell in the container programs run as well, and are left alone when they are cancelled', async () => {
    const bare = `${name}-bare`;
    await docker('run', '-d', '--name', bare, busyboxImage, 'sleep', '600');
    await docker('exec', bare, 'rm', '/bin/sh', '/bin/ash');
    const without = placed(bare);
    const request = { env: {}, timeoutMs: 5000, maxBytes: 1000 };
    try {
      const { code, stdout } = await without.run({ file: 'echo', args: ["it's"], ...request });
      expect([code, text(stdout)]).toEqual([0, "it's\n"]);
      await expect(without.run({ file: 'nothing', args: [], ...request })).rejects.toMatchObject({
        code: 'E_TARGET_UNREACHABLE',
        effect: 'none',
      });
      const late = await without.run({ file: 'sleep', args: ['30'], ...request, timeoutMs: 500 });
      expect([late.code, late.timedOut]).toEqual([null, true]);
    } finally {
      await without.close();
      await docker('rm', '-f', bare);
    }
  });
});

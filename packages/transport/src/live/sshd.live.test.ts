import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { localExec } from '@countersign/connector-kit';
import { makeTempFolder, type Sshd, startSshd, tempFolder, waitUntil } from '@countersign/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { askDocker } from '../docker/ask-docker.ts';
import { openDialler } from '../docker/dialler.ts';
import { quoteWord } from '../exec/command-line.ts';
import { execAt, type PlacedExec } from '../exec/exec-at.ts';
import { hostileWords } from '../fixture/hostile-words.ts';
import { ExecPlace } from '../place/exec-place.ts';
import type { SshSettings } from '../ssh/ssh-settings.ts';

const folder = makeTempFolder();
let sshd: Sshd;
let settings: SshSettings;
beforeAll(async () => {
  sshd = await startSshd(folder.path);
  settings = {
    ...{ host: '127.0.0.1', port: sshd.port, user: 'root' },
    ...{ identity_file: sshd.identityFile, known_hosts_file: sshd.knownHostsFile },
  };
});
afterAll(async () => {
  await sshd[Symbol.asyncDispose]();
  folder.remove();
});

function connect(): PlacedExec {
  const exec = execAt(ExecPlace.parse({ kind: 'ssh', ...settings }), localExec);
  onTestFinished(() => exec.close());
  return exec;
}
const env = { PATH: '/usr/bin:/bin' };
const bounds = { env, timeoutMs: 20_000, maxBytes: 4_000_000 };
const decode = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describe("OpenSSH's own server", () => {
  it('runs programs with their arguments, input and exit code, and nothing of its environment', async () => {
    const exec = connect();
    const script = 'cat; printf "%s|" "$@"; exit 3';
    const args = ['-c', script, 'sh', "it's", '$(id)', ''];
    const { code, stdout } = await exec.run({ file: 'sh', args, ...bounds, stdin: Buffer.from('typed ') });
    expect([code, decode(stdout)]).toEqual([3, "typed it's|$(id)||"]);
    const printed = await exec.run({ file: 'printenv', args: [], ...bounds });
    expect(decode(printed.stdout)).toBe('PATH=/usr/bin:/bin\n');
    await expect(exec.run({ file: 'no-such-program', args: [], ...bounds })).rejects.toMatchObject({
      code: 'E_TARGET_UNREACHABLE',
      effect: 'none',
    });
  });

  it('passes 2,000 hostile arguments on as they are', async () => {
    const words = fc.sample(hostileWords, { numRuns: 2000, seed: 20_261_128 });
    const exec = connect();
    for (let at = 0; at < words.length; at += 250) {
      const sent = words.slice(at, at + 250);
      const { stdout } = await exec.run({ file: 'printf', args: ['%s\\0', ...sent], ...bounds });
      expect(decode(stdout).split('\0').slice(0, -1)).toEqual(sent);
    }
  });

  it('passes signals on: a cancelled program may clean up, one that does not listen is killed', async () => {
    const lock = join(tempFolder(), 'lock');
    const abort = new AbortController();
    const exec = connect();
    const started = Promise.withResolvers<void>();
    const script = `trap 'rm "${lock}"; exit 143' TERM; touch "${lock}"; echo; while :; do sleep 0.05; done`;
    const running = exec.run({
      ...{ file: 'sh', args: ['-c', script], ...bounds },
      ...{ signal: abort.signal, onStdout: () => started.resolve() },
    });
    await started.promise;
    abort.abort();
    expect([(await running).code, existsSync(lock)]).toEqual([143, false]);
    const deaf = `trap '' TERM; echo $$ > "${lock}"; while :; do sleep 0.05; done`;
    const killed = await exec.run({ file: 'sh', args: ['-c', deaf], ...bounds, timeoutMs: 2000 });
    expect([killed.signal, killed.timedOut]).toEqual(['SIGKILL', true]);
  });

  it('carries a stream to a Unix socket of the host', async () => {
    const socket = join(folder.path, 'd.sock');
    const server = createServer((request, response) => response.end(request.url));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    onTestFinished(() => void server.close());
    const dialler = openDialler({ kind: 'ssh', ssh: settings, socket });
    onTestFinished(() => dialler.close());
    expect(await text(await askDocker(dialler, { path: '/version' }, AbortSignal.timeout(10_000)))).toBe('/version');
  });

  it('ends what ran when it goes away, and is found again when it is back', async () => {
    const exec = connect();
    const mark = join(tempFolder(), 'begun');
    const running = exec.run({ file: 'sh', args: ['-c', `touch "${mark}"; sleep 20`], ...bounds });
    running.catch(() => undefined);
    await waitUntil('it runs', () => existsSync(mark));
    sshd.cut();
    await expect(running).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE', effect: 'maybe' });
    expect((await exec.run({ file: 'true', args: [], ...bounds })).code).toBe(0);
  });
});

describe('a command line is read back equal', () => {
  it.each([
    ['dash', ['dash', '-c']],
    ['bash', ['bash', '--norc', '-c']],
    ['zsh', ['zsh', '-f', '-c']],
    ['fish', ['fish', '--no-config', '-c']],
  ])('by %s: 2,000 hostile arguments', (_shell, [file = '', ...options]) => {
    const words = fc.sample(hostileWords, { numRuns: 2000, seed: 7 });
    for (let at = 0; at < words.length; at += 500) {
      const sent = words.slice(at, at + 500);
      const line = `exec env -i /usr/bin/printf '%s\\0' ${sent.map(quoteWord).join(' ')} </dev/null`;
      const printed = execFileSync(file, [...options, line], {
        env: { PATH: '/usr/bin:/bin', HOME: '/nowhere' },
        cwd: '/',
      });
      expect(printed.toString('utf8').split('\0').slice(0, -1)).toEqual(sent);
    }
  });
});

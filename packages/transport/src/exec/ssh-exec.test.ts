import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecRequest, localExec } from '@countersign/connector-kit';
import { makeTempFolder, tempFolder, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type SshHost, startSshHost } from '../fixture/ssh-host.ts';
import { sshKeyPair } from '../fixture/ssh-key-pair.ts';
import { ExecPlace } from '../place/exec-place.ts';
import { execAt, type PlacedExec } from './exec-at.ts';

const folder = makeTempFolder();
let host: SshHost;
beforeAll(async () => {
  host = await startSshHost(folder.path);
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  folder.remove();
});

function connect(changes: object = {}): PlacedExec {
  const exec = execAt(ExecPlace.parse({ kind: 'ssh', ...host.settings, ...changes }), localExec);
  onTestFinished(() => exec.close());
  return exec;
}

const path = process.env['PATH'] ?? '';
const request = (changes: Partial<ExecRequest> & Pick<ExecRequest, 'file'>): ExecRequest => ({
  args: [],
  env: { PATH: path },
  timeoutMs: 20_000,
  maxBytes: 1_000_000,
  ...changes,
});
const script = (text: string, changes: Partial<ExecRequest> = {}) =>
  request({ file: 'sh', args: ['-c', text], ...changes });
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');

describe('a program on another host', () => {
  it('gets its arguments, environment, folder and input, and answers with output and exit code', async () => {
    const chunks: string[] = [];
    const { code, signal, stdout, stderr, timedOut, truncated } = await connect().run(
      script('pwd; printf "%s|" "$@"; printenv SECRET MARK; cat; echo oops >&2; exit 3', {
        args: [
          '-c',
          'pwd; printf "%s|" "$@"; printenv SECRET MARK; cat; echo oops >&2; exit 3',
          'sh',
          "it's",
          '$(id)',
          '',
        ],
        env: { PATH: path, MARK: 'a b' },
        cwd: '/tmp',
        stdin: Buffer.from('typed'),
        onStdout: (chunk) => chunks.push(text(chunk)),
      }),
    );
    expect(text(stdout)).toBe("/tmp\nit's|$(id)||a b\ntyped");
    expect(chunks.join('')).toBe(text(stdout));
    expect(text(stderr)).toBe('oops\n');
    expect({ code, signal, timedOut, truncated }).toEqual({ code: 3, signal: null, timedOut: false, truncated: false });
  });

  it('shares one connection with the others, and has another after a cut', async () => {
    const exec = connect();
    const before = host.connections();
    const all = await Promise.all(['1', '2', '3'].map((each) => exec.run(request({ file: 'echo', args: [each] }))));
    expect(all.map(({ stdout }) => text(stdout))).toEqual(['1\n', '2\n', '3\n']);
    expect(host.connections() - before).toBe(1);
    host.cut();
    await waitUntil('it runs again', () =>
      exec.run(request({ file: 'true' })).then(
        ({ code }) => code === 0,
        () => false,
      ),
    );
    expect(host.connections() - before).toBe(2);
  });

  it('that is not installed was never started', async () => {
    await expect(connect().run(request({ file: 'no-such-program' }))).rejects.toMatchObject({
      code: 'E_TARGET_UNREACHABLE',
      effect: 'none',
      message: expect.stringContaining('no-such-program'),
    });
  });

  it('tells an exit by signal', async () => {
    const { code, signal } = await connect().run(script('kill -KILL $$'));
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

describe('bounds', () => {
  it('cancel asks the program to end, which may clean up first', async () => {
    const gone = join(tempFolder(), 'lock');
    const started = Promise.withResolvers<void>();
    const abort = new AbortController();
    const running = connect().run(
      script(`trap 'rm "${gone}"; exit 143' TERM; touch "${gone}"; echo; while :; do sleep 0.05; done`, {
        signal: abort.signal,
        onStdout: () => started.resolve(),
      }),
    );
    await started.promise;
    expect(existsSync(gone)).toBe(true);
    abort.abort();
    const { code, timedOut } = await running;
    expect([code, timedOut, existsSync(gone)]).toEqual([143, false, false]);
  });

  it('a program that does not listen is killed, and the time limit says so', async () => {
    const mark = join(tempFolder(), 'alive');
    const { signal, timedOut } = await connect().run(
      script(`trap '' TERM; while :; do date +%s%N > "${mark}"; sleep 0.02; done`, { timeoutMs: 3000 }),
    );
    expect({ signal, timedOut }).toEqual({ signal: 'SIGKILL', timedOut: true });
    const last = readFileSync(mark, 'utf8');
    await sleep(150);
    expect(readFileSync(mark, 'utf8')).toBe(last);
  });

  it('output over the cap ends the program and is cut there', async () => {
    const { stdout, truncated, timedOut } = await connect().run(
      script('while :; do echo 0123456789; done', { maxBytes: 5000 }),
    );
    expect([stdout.length, truncated, timedOut]).toEqual([5000, true, false]);
  });

  it('a cancel between asking and hearing of the start leaves open what was done', async () => {
    const mark = join(tempFolder(), 'started');
    const abort = new AbortController();
    host.onStart(() => abort.abort());
    const running = connect().run(script(`touch "${mark}"; sleep 5`, { signal: abort.signal }));
    await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED', effect: 'maybe' });
  });

  it('nothing is started on an aborted signal, nor without a way there in time', async () => {
    const signal = AbortSignal.abort();
    await expect(connect().run(request({ file: 'true', signal }))).rejects.toMatchObject({
      code: 'E_CANCELLED',
      effect: 'none',
    });
    // A listener that never says a word.
    const { createServer } = await import('node:net');
    const silent = createServer(() => undefined);
    const port = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => {
        const address = silent.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    onTestFinished(() => void silent.close());
    writeFileSync(
      join(folder.path, 'silent'),
      readFileSync(host.settings.known_hosts_file, 'utf8').replace(/:\d+/, `:${port}`),
    );
    const late = connect({ port, known_hosts_file: join(folder.path, 'silent') }).run(
      request({ file: 'true', timeoutMs: 200 }),
    );
    await expect(late).rejects.toMatchObject({ code: 'E_TIMEOUT', effect: 'none' });
  });
});

describe('a host that cannot be had', () => {
  const run = (changes: object) => connect(changes).run(request({ file: 'true' }));
  const refused = (message: string) => ({
    code: 'E_TARGET_UNREACHABLE',
    effect: 'none',
    message: expect.stringContaining(message),
  });

  it('shows another host key than the known one', async () => {
    const file = join(tempFolder(), 'known_hosts');
    const other = sshKeyPair().public;
    writeFileSync(file, `[127.0.0.1]:${host.settings.port} ${other}\n`);
    await expect(run({ known_hosts_file: file })).rejects.toMatchObject(refused('its host key is not the known one'));
  });

  it('is not known at all', async () => {
    const file = join(tempFolder(), 'known_hosts');
    writeFileSync(file, '');
    await expect(run({ known_hosts_file: file })).rejects.toMatchObject(refused('holds no key of it'));
    await expect(run({ known_hosts_file: `${file}x` })).rejects.toMatchObject(refused('cannot be read'));
  });

  it('does not know our key, which must be ours alone and without a passphrase', async () => {
    const file = join(tempFolder(), 'identity');
    writeFileSync(file, sshKeyPair().private, { mode: 0o600 });
    await expect(run({ identity_file: file })).rejects.toMatchObject(refused('does not accept this key'));
    chmodSync(file, 0o644);
    await expect(run({ identity_file: file })).rejects.toMatchObject(refused('chmod 600'));
    writeFileSync(file, 'no key');
    chmodSync(file, 0o600);
    await expect(run({ identity_file: file })).rejects.toMatchObject(refused('no private key'));
    await expect(run({ identity_file: `${file}x` })).rejects.toMatchObject(refused('cannot be read'));
  });

  it('does not listen', async () => {
    const closed = await startSshHost(tempFolder());
    await closed[Symbol.asyncDispose]();
    await expect(run(closed.settings)).rejects.toMatchObject(refused('nothing listens there'));
  });

  it('goes away while a program runs: what it did is open', async () => {
    const mark = join(tempFolder(), 'begun');
    const running = connect().run(script(`touch "${mark}"; sleep 5`));
    await waitUntil('it runs', () => existsSync(mark));
    host.cut();
    await expect(running).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE', effect: 'maybe' });
  });
});

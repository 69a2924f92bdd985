import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { repositoryRoot } from '../../scripts/repository-root.ts';
import { type ScriptStage, scriptStage } from './run-script.ts';

/** A release as `npm run release` packs it, with nothing in it that runs but Node. */
function release(version: string): string {
  const folder = tempFolder();
  const name = `countersign-${version}`;
  mkdirSync(join(folder, name, 'bin'), { recursive: true });
  writeFileSync(join(folder, name, 'countersign.js'), '');
  symlinkSync(process.execPath, join(folder, name, 'bin/node'));
  execFileSync('cp', ['-r', join(repositoryRoot, 'deploy/systemd'), join(folder, name, 'systemd')]);
  const archive = join(folder, `${name}-linux-x64.tar.gz`);
  execFileSync('tar', ['-czf', archive, '-C', folder, name]);
  return archive;
}

interface Machine {
  readonly stage: ScriptStage;
  readonly root: string;
  setUp(...args: string[]): ReturnType<ScriptStage['run']>;
  setUpBeside(...args: string[]): ReturnType<ScriptStage['runBeside']>;
  current(): string;
}

function machine(more: Readonly<Record<string, string>> = {}): Machine {
  const stage = scriptStage();
  const root = join(stage.folder, 'root');
  mkdirSync(root);
  const env = { COUNTERSIGN_SETUP_ROOT: root, COUNTERSIGN_SETUP_TRIES: '2', ...more };
  return {
    stage,
    root,
    setUp: (...args) => stage.run('vm/setup.sh', args, env),
    setUpBeside: (...args) => stage.runBeside('vm/setup.sh', args, env),
    current: () => readlinkSync(join(root, 'opt/countersign/current')),
  };
}

/** What listens on the port of the server: it is ready, unless that release was started. */
async function serverThatFailsAs(broken: string): Promise<{ readonly port: string; watch(one: Machine): void }> {
  let watched: Machine | undefined;
  const server = createServer((_request, response) => {
    const running = watched === undefined ? '' : readFileSync(join(watched.stage.folder, 'running'), 'utf8').trim();
    response.writeHead(running === `releases/${broken}` ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: String(address.port),
    watch: (one) => {
      watched = one;
    },
  };
}

describe('setting up a machine (DO-15)', () => {
  it('a worker is installed whole, again without a change, and goes; its data stays until it is told', () => {
    const one = machine();
    mkdirSync(join(one.root, 'etc/countersign'), { recursive: true });
    writeFileSync(join(one.root, 'etc/countersign/worker.enrolment'), 'example');
    mkdirSync(join(one.root, 'var/lib/countersign-worker'), { recursive: true });
    const archive = release('1.2.3');
    expect(one.setUp('install', archive, '--worker')).toMatchObject({ code: 0, stderr: '' });
    expect(one.current()).toBe('releases/1.2.3');
    expect(existsSync(join(one.root, 'etc/systemd/system/countersign-worker.service'))).toBe(true);
    expect(one.stage.calls()).toContain('restart countersign-worker');
    expect(one.setUp('install', archive, '--worker').stdout).toContain('runs already');
    expect(one.stage.calls()).not.toContain('restart countersign-worker');
    expect(one.setUp('remove', '--worker').stdout).toContain('--delete-data');
    expect(readdirSync(join(one.root, 'opt'))).toEqual([]);
    expect(existsSync(join(one.root, 'var/lib/countersign-worker'))).toBe(true);
    expect(one.setUp('remove', '--worker', '--delete-data').code).toBe(0);
    expect(existsSync(join(one.root, 'var/lib/countersign-worker'))).toBe(false);
  });

  it('a worker without its secret is put there and not started; the next step is said', () => {
    const one = machine();
    expect(one.setUp('install', release('1.2.3'), '--worker').stdout).toContain('worker.enrolment');
    expect(one.stage.calls()).not.toContain('restart countersign-worker');
  });

  it('a release that does not come up gives way to the one before it', async () => {
    const { port, watch } = await serverThatFailsAs('2.0.0');
    const one = machine({ COUNTERSIGN_PORT: port });
    watch(one);
    const setUp = one.setUpBeside;
    expect(await setUp('install', release('1.0.0'))).toMatchObject({ code: 0 });
    expect(await setUp('upgrade', release('1.1.0'))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1.0.0 ran before'),
    });
    const failed = await setUp('upgrade', release('2.0.0'));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('1.1.0 runs again');
    expect(one.current()).toBe('releases/1.1.0');
    expect(readFileSync(join(one.stage.folder, 'running'), 'utf8').trim()).toBe('releases/1.1.0');
  });

  it('--dry-run says all of it and touches nothing', () => {
    const one = machine();
    const said = one.setUp('install', release('1.2.3'), '--dry-run');
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout).toContain('+ systemctl enable countersign');
    expect([readdirSync(one.root), one.stage.calls()]).toEqual([[], []]);
  });

  it('what is no release, or another than what runs, is refused and nothing changes', () => {
    const one = machine();
    const text = join(one.stage.folder, 'text.tar.gz');
    writeFileSync(text, 'no archive');
    for (const args of [
      ['install', text],
      ['install', join(one.root, 'none')],
      ['upgrade', release('1.0.0')],
      ['install'],
      ['what'],
    ]) {
      const refused = one.setUp(...args);
      expect(refused.code, args.join(' ')).not.toBe(0);
      expect(refused.stderr).not.toBe('');
    }
    expect(readdirSync(one.root)).toEqual([]);
    one.setUp('install', release('1.0.0'), '--worker');
    expect(one.setUp('install', release('2.0.0'), '--worker').stderr).toContain('setup.sh upgrade');
  });
});

import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { dockerSocket, makeTempFolder, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/repository-root.ts';

const execute = promisify(execFile);
const base = 'countersign-test-base:1';
const image = 'countersign-test:1';
const name = 'countersign-of-the-image';
const volume = 'countersign-of-the-image';

async function docker(...args: string[]): Promise<string> {
  const { stdout } = await execute('docker', ['-H', `unix://${dockerSocket()}`, ...args], { maxBuffer: 1 << 24 });
  return stdout.trim();
}

/** A base with Node and the libraries that it loads, and nothing else: no shell, no package manager, no registry. */
async function makeBase(): Promise<void> {
  using folder = makeTempFolder();
  const root = join(folder.path, 'root');
  const libraries = execFileSync('ldd', [process.execPath], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g);
  const wanted: [string, string][] = [[process.execPath, '/usr/local/bin/node']];
  for (const [, path = ''] of libraries) wanted.push([path, path]);
  for (const [from, to] of wanted) {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    copyFileSync(from, join(root, to));
  }
  mkdirSync(join(root, 'tmp'));
  const archive = join(folder.path, 'base.tar');
  await execute('tar', ['-C', root, '-cf', archive, '.']);
  await docker('import', '--change', 'ENV PATH=/usr/local/bin', archive, base);
}

const settings = makeTempFolder();
const inside = (script: string) => docker('exec', name, 'node', '-e', script);
async function untilHealthy(): Promise<void> {
  const health = () => docker('inspect', '--format', '{{.State.Health.Status}}', name);
  try {
    await waitUntil('it is healthy', async () => (await health()) === 'healthy', {
      timeoutMs: 60_000,
      intervalMs: 500,
    });
  } catch (cause) {
    const { stdout, stderr } = await execute('docker', ['-H', `unix://${dockerSocket()}`, 'logs', name]);
    throw new Error(
      `it did not become healthy:\n${await docker('inspect', '--format', '{{json .State}}', name)}\n${stdout}${stderr}`,
      { cause },
    );
  }
}

describe('the image (DO-15, DO-19)', () => {
  beforeAll(async () => {
    await makeBase();
    await execute(process.execPath, [join(repositoryRoot, 'scripts/build.ts')]);
    const build = [
      'build',
      '-q',
      '-f',
      'deploy/container/Containerfile',
      '--build-arg',
      `BASE=${base}`,
      '-t',
      image,
      '.',
    ];
    await execute('docker', ['-H', `unix://${dockerSocket()}`, ...build], {
      cwd: repositoryRoot,
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
    });
    const config = join(settings.path, 'countersign.yaml');
    const target = { name: 'here', project: 'example', environment: 'dev', connector: 'docker' };
    writeFileSync(config, JSON.stringify({ targets: [target] }), { mode: 0o644 });
    const hardened = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    const mounts = ['-v', `${volume}:/data`, '-v', `${config}:/etc/countersign/countersign.yaml:ro`];
    await docker(
      'run',
      '-d',
      '--name',
      name,
      '--health-interval',
      '1s',
      ...hardened,
      ...mounts,
      image,
      'serve',
      '--config',
      '/etc/countersign/countersign.yaml',
    );
    await untilHealthy();
  });
  afterAll(async () => {
    await docker('rm', '-f', name);
    await docker('volume', 'rm', '-f', volume);
    await docker('rmi', '-f', image, base);
    settings.remove();
  });

  it('serves as somebody who is not root, with no capability and a file system that cannot be written', async () => {
    const who = 'const fs=require("fs");const s=fs.readFileSync("/proc/1/status","utf8");';
    const said = await inside(
      `${who}console.log(process.getuid(),/CapEff:\\s*(\\w+)/.exec(s)[1],/NoNewPrivs:\\s*(\\d)/.exec(s)[1])`,
    );
    expect(said).toBe('10001 0000000000000000 1');
    await expect(inside('require("fs").writeFileSync("/opt/countersign/x","")')).rejects.toThrow('EROFS');
    expect(
      await inside('fetch("http://127.0.0.1:9325/readyz").then(async(a)=>console.log(a.status,await a.text()))'),
    ).toBe('200 {"status":"ok"}');
  });

  it('keeps its data in its volume, and stops when it is told', async () => {
    const identity = 'console.log(require("fs").readdirSync("/data").sort().join())';
    const before = await inside(identity);
    expect(before).toContain('countersign.db');
    const startedAt = performance.now();
    await docker('stop', '-t', '60', name);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', name)).toBe('0');
    await docker('start', name);
    await untilHealthy();
    expect((await inside(identity)).split(',')).toEqual(
      expect.arrayContaining(before.split(',').filter((file) => !/-(?:wal|shm)$/.test(file))),
    );
  });

  it('holds what was built and nothing of who built it', async () => {
    const files = await inside('console.log(require("fs").readdirSync("/opt/countersign").join("\\n"))');
    expect(files).toContain('countersign.js');
    expect(files).toContain('sbom.cdx.json');
    expect(await inside('console.log(require("fs").existsSync("/opt/countersign/node_modules"))')).toBe('false');
  });
});

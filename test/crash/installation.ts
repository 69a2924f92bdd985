import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, connect } from '@countersign/client';
import type { Tier } from '@countersign/protocol';
import { freePort, makeTempFolder, type RunningChild, startCountersign } from '@countersign/testing';

/** One target of a test's installation. */
export interface CrashTarget {
  readonly name: string;
  readonly tier: Tier;
  /** Path of a real git repository, or the settings of another connector. */
  readonly repository: string;
}

/** Who speaks to the server in these tests: two people with roots of their own. */
export interface People {
  readonly requester: Client;
  readonly approver: Client;
  readonly workerToken: string;
  /** Makes the token of one more worker; a worker is called as its token is. */
  workerNamed(name: string): Promise<string>;
}

/** A data folder with its configuration, whose processes can be killed and started again on the same address. None outlives it. */
export interface Installation extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly targets: readonly CrashTarget[];
  /** Starts `countersign serve` and resolves once it listens; at once where it shall kill itself, maybe before that. */
  serve(options?: { crashAt?: string; worker?: boolean }): Promise<RunningChild>;
  /** Starts `countersign worker` and resolves once it is registered; at once where it shall kill itself. */
  work(token: string, options?: { crashAt?: string; name?: string }): Promise<RunningChild>;
  /** Makes the tokens; the server must run. */
  enrol(): Promise<People>;
}

const tierOf = ['dev', 'stage', 'prod'] as const;

function gitIn(folder: string, args: readonly string[]): void {
  execFileSync('git', ['-C', folder, ...args], {
    stdio: 'pipe',
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  });
}

/** A bare repository with one commit: its branch moves by compare-and-set alone. */
function makeBareRepository(path: string): void {
  mkdirSync(path, { recursive: true });
  gitIn(path, ['init', '--quiet', '--bare', '--initial-branch=main']);
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];
  const tree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  gitIn(path, ['hash-object', '-t', 'tree', '-w', '/dev/null']);
  const commit = execFileSync('git', ['-C', path, ...who, 'commit-tree', tree, '-m', 'start'], { encoding: 'utf8' });
  gitIn(path, ['update-ref', 'refs/heads/main', commit.trim()]);
}

function configText(targets: readonly CrashTarget[], leaseMs: number): string {
  const entries = targets.map(
    ({ name, tier, repository }) =>
      `  - { name: ${name}, project: crash, environment: ${name}, tier: ${tier}, connector: repo, config: { path: ${repository} } }\n`,
  );
  return `lease_ms: ${leaseMs}\ntargets:\n${entries.join('')}`;
}

/** Makes an installation with one bare repository per target, in all tiers. `configuration` replaces its targets. */
export async function makeInstallation(
  options: { targets?: number; leaseMs?: number; configuration?: string } = {},
): Promise<Installation> {
  const temp = makeTempFolder();
  const folder = temp.path;
  const targets = Array.from({ length: options.targets ?? 3 }, (_, index): CrashTarget => {
    const repository = join(folder, `repo-${index}`);
    makeBareRepository(repository);
    return { name: `target-${index}`, tier: tierOf[index % tierOf.length] ?? 'dev', repository };
  });
  writeFileSync(
    join(folder, 'countersign.yaml'),
    options.configuration ?? configText(targets, options.leaseMs ?? 3000),
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = join(folder, 'data');
  const children: RunningChild[] = [];
  const started = async (args: string[], env: Record<string, string>, crashAt: string | undefined, ready: RegExp) => {
    const child = await startCountersign(args, {
      cwd: folder,
      env: { COUNTERSIGN_DATA_DIR: dataDir, COUNTERSIGN_CRASH_AT: crashAt ?? '', DATABASE_URL: '', ...env },
    });
    children.push(child);
    if (crashAt === undefined) await child.waitFor(ready, 30_000);
    return child;
  };
  return {
    url,
    folder,
    targets,
    serve: ({ crashAt, worker = true } = {}) =>
      started(
        ['serve', ...(worker ? [] : ['--no-worker'])],
        { COUNTERSIGN_PORT: String(port) },
        crashAt,
        /is ready at/,
      ),
    work: (token, { crashAt, name = 'worker-a' } = {}) =>
      started(['worker', '--server', url, '--name', name], { COUNTERSIGN_TOKEN: token }, crashAt, /Worker ready/),
    async enrol() {
      const admin = connect({ url, token: readFileSync(join(dataDir, 'admin.token'), 'utf8').trim() });
      const token = async (name: string, kind: 'person' | 'worker', role: 'actions' | 'approver' | 'worker') =>
        (await admin.call('tokenCreate', { body: { name, kind, role } })).token;
      return {
        requester: connect({ url, token: await token('requester', 'person', 'actions') }),
        approver: connect({ url, token: await token('approver', 'person', 'approver') }),
        workerToken: await token('worker', 'worker', 'worker'),
        workerNamed: (name) => token(name, 'worker', 'worker'),
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map((child) => child.kill()));
      temp.remove();
    },
  };
}

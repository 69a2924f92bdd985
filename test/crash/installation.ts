import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, connect } from '@countersign/client';
import type { Tier } from '@countersign/protocol';
import { freePort, makeTempFolder, type RunningChild, startChild } from '@countersign/testing';

/** One target of a test's installation. */
export interface CrashTarget {
  readonly name: string;
  readonly tier: Tier;
  /** Path of a real git repository, or the settings of another connector. */
  readonly repository: string;
}

/** Who speaks to the server in these tests: two people with roots of their own, and the administrator. */
export interface People {
  readonly requester: Client;
  readonly approver: Client;
  readonly admin: Client;
  readonly workerToken: string;
  /** Makes the token of one more worker; a worker is called as its token is. */
  workerNamed(name: string): Promise<string>;
  /** The same people at another address. */
  at(url: string): People;
}

/** How a process is started: where it shall kill itself (`point:pass`), and what its environment gets besides. */
export interface Start {
  readonly crashAt?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/** A data folder with its configuration, whose processes can be killed and started again on the same address. None outlives it. */
export interface Installation extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly dataDir: string;
  readonly targets: readonly CrashTarget[];
  /** Starts `countersign serve` and resolves once it listens; at once where it shall kill itself, maybe before that. */
  serve(options?: Start & { worker?: boolean; port?: number }): Promise<RunningChild>;
  /** Starts `countersign worker` and resolves once it is registered; at once where it shall kill itself. */
  work(token: string, options?: Start & { name?: string; url?: string }): Promise<RunningChild>;
  /** Makes the tokens; the server must run. */
  enrol(): Promise<People>;
}

/** What an installation is made of; `configuration` replaces its targets. */
export interface InstallationOptions {
  readonly targets?: number;
  readonly leaseMs?: number;
  /** Of all targets; one of each when left out. */
  readonly tier?: Tier;
  readonly configuration?: string;
  /** Lines that come before the targets. */
  readonly settings?: string;
  /** Postgres; the embedded SQLite when left out. */
  readonly databaseUrl?: string | undefined;
  /** What is started, such as a bundle; the sources of the checkout when left out. */
  readonly entry?: string;
  /** Goes before the program: `faketime` and its arguments. */
  readonly under?: readonly string[];
}

const sources = join(import.meta.dirname, '../../apps/countersign/src/main.ts');
/** A kill takes nothing from the page cache, so that a disk adds nothing but time; that a disk holds what was synced is tested elsewhere. */
const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const tierOf = ['dev', 'stage', 'prod'] as const;

function gitIn(folder: string, args: readonly string[]): string {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  return execFileSync('git', ['-C', folder, ...args], { stdio: 'pipe', encoding: 'utf8', env }).trim();
}

/** A bare repository with one commit: its branch moves by compare-and-set alone. */
export function makeBareRepository(path: string): void {
  mkdirSync(path, { recursive: true });
  gitIn(path, ['init', '--quiet', '--bare', '--initial-branch=main']);
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.test'];
  const tree = gitIn(path, ['hash-object', '-t', 'tree', '-w', '/dev/null']);
  gitIn(path, ['update-ref', 'refs/heads/main', gitIn(path, [...who, 'commit-tree', tree, '-m', 'start'])]);
}

function configText(targets: readonly CrashTarget[], leaseMs: number): string {
  const entries = targets.map(
    ({ name, tier, repository }) =>
      `  - { name: ${name}, project: crash, environment: ${name}, tier: ${tier}, connector: repo, config: { path: ${repository} } }\n`,
  );
  return `lease_ms: ${leaseMs}\ntargets:\n${entries.join('')}`;
}

function peopleOf(url: string, tokens: { requester: string; approver: string; admin: string; worker: string }): People {
  const admin = connect({ url, token: tokens.admin });
  return {
    requester: connect({ url, token: tokens.requester }),
    approver: connect({ url, token: tokens.approver }),
    admin,
    workerToken: tokens.worker,
    workerNamed: async (name) =>
      (await admin.call('tokenCreate', { body: { name, kind: 'worker', role: 'worker' } })).token,
    at: (other) => peopleOf(other, tokens),
  };
}

/** Makes an installation with one bare repository per target, in all tiers. */
export async function makeInstallation(options: InstallationOptions = {}): Promise<Installation> {
  const temp = makeTempFolder(memory);
  const folder = temp.path;
  const targets = Array.from({ length: options.targets ?? 3 }, (_, index): CrashTarget => {
    const repository = join(folder, `repo-${index}`);
    makeBareRepository(repository);
    return { name: `target-${index}`, tier: options.tier ?? tierOf[index % tierOf.length] ?? 'dev', repository };
  });
  const text = options.configuration ?? `${options.settings ?? ''}${configText(targets, options.leaseMs ?? 1000)}`;
  writeFileSync(join(folder, 'countersign.yaml'), text);
  const ownPort = await freePort();
  const url = `http://127.0.0.1:${ownPort}`;
  const dataDir = join(folder, 'data');
  const children: RunningChild[] = [];
  const started = async (args: string[], { crashAt, env }: Start, own: Record<string, string>, ready: RegExp) => {
    const [program = process.execPath, ...rest] = [...(options.under ?? []), process.execPath];
    const child = await startChild(program, [...rest, options.entry ?? sources, ...args], {
      cwd: folder,
      env: {
        ...process.env,
        NO_COLOR: '1',
        COUNTERSIGN_DATA_DIR: dataDir,
        COUNTERSIGN_CRASH_AT: crashAt ?? '',
        DATABASE_URL: options.databaseUrl ?? '',
        ...own,
        ...env,
      },
    });
    children.push(child);
    // One that shall die or stand still may do so before it is ready.
    if (crashAt === undefined && env?.['COUNTERSIGN_FREEZE_AT'] === undefined) await child.waitFor(ready, 120_000);
    return child;
  };
  return {
    url,
    folder,
    dataDir,
    targets,
    serve: ({ worker = true, port = ownPort, ...start } = {}) =>
      started(['serve', ...(worker ? [] : ['--no-worker'])], start, { COUNTERSIGN_PORT: String(port) }, /is ready at/),
    work: (token, { name = 'worker-a', url: server = url, ...start } = {}) =>
      started(['worker', '--server', server, '--name', name], start, { COUNTERSIGN_TOKEN: token }, /Worker ready/),
    async enrol() {
      const admin = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
      const client = connect({ url, token: admin });
      const token = async (name: string, kind: 'person' | 'worker', role: 'actions' | 'approver' | 'worker') =>
        (await client.call('tokenCreate', { body: { name, kind, role } })).token;
      return peopleOf(url, {
        admin,
        requester: await token('requester', 'person', 'actions'),
        approver: await token('approver', 'person', 'approver'),
        worker: await token('worker', 'worker', 'worker'),
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map((child) => child.kill()));
      temp.remove();
    },
  };
}

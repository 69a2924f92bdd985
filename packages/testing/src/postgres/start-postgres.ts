import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import { type Account, unprivilegedAccount } from './account.ts';
import { findPostgres, type PostgresBinaries } from './binaries.ts';
import { createDatabase, dropDatabase } from './databases.ts';
import { reachableTemp } from './reachable-temp.ts';

/** A Postgres server of the tests' own, on 127.0.0.1, whose data is thrown away by `stop`. */
export interface PostgresServer {
  /** Which programs run: Debian's or npm's. */
  readonly source: PostgresBinaries['source'];
  /** The connection string of a database by its name. */
  url(databaseName: string): string;
  /** Creates an empty database and returns its connection string. */
  createDatabase(): Promise<string>;
  dropDatabase(connectionString: string): Promise<void>;
  /** Stops it at once, as `pg_ctl stop -m immediate` does, and starts it again on the same data and port. */
  crash(downMs?: number): Promise<void>;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;
const portAttempts = 3;

// A default collation that differs from "C" shows a query that forgot its COLLATE "C".
const clusterArgs = ['-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C'];
const collationArgs = ['--locale-provider=icu', '--icu-locale=en-US'];

/** What becomes of a commit when the machine stops: tests throw their data away, a benchmark must not gain by that. */
export type PostgresDurability = 'thrown_away' | 'durable';

/** Starts a Postgres. Throws with what the server said when it does not come up. */
export async function startPostgres(durability: PostgresDurability = 'thrown_away'): Promise<PostgresServer> {
  const account = unprivilegedAccount();
  const binaries = findPostgres(account);
  const data = mkdtempSync(join(reachableTemp(account), 'countersign-postgres-'));
  const remove = () => {
    rmSync(data, { recursive: true, force: true });
    if (binaries.copiedTo) rmSync(binaries.copiedTo, { recursive: true, force: true });
  };
  try {
    if (account) chownSync(data, account.uid, account.gid);
    await initialize(binaries, data, account);
    const { child, port } = await launch(binaries, data, account, durability);
    const again = async () => (await launch(binaries, data, account, durability, port)).child;
    return server(binaries, { child, again }, port, remove);
  } catch (cause) {
    remove();
    throw cause;
  }
}

/** The process that runs now, and how to start another on the same data. */
interface Running {
  child: ChildProcess;
  readonly again: () => Promise<ChildProcess>;
}

async function stopAtOnce(child: ChildProcess): Promise<void> {
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGQUIT');
  await exited;
}

function server(binaries: PostgresBinaries, running: Running, port: number, remove: () => void): PostgresServer {
  const url = (databaseName: string) => `postgresql://postgres@127.0.0.1:${port}/${databaseName}`;
  const stopAtExit = () => running.child.kill('SIGQUIT');
  process.once('exit', stopAtExit);
  return {
    source: binaries.source,
    url,
    createDatabase: () => createDatabase(url),
    dropDatabase: (connectionString) => dropDatabase(url, connectionString),
    async crash(downMs = 0) {
      await stopAtOnce(running.child);
      await new Promise((resolve) => setTimeout(resolve, downMs));
      running.child = await running.again();
    },
    stop: async () => {
      process.off('exit', stopAtExit);
      await stopAtOnce(running.child);
      remove();
    },
  };
}

function run(program: string, args: readonly string[], cwd: string, account: Account | undefined): ChildProcess {
  return spawn(program, args, {
    cwd,
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(account ? { uid: account.uid, gid: account.gid } : {}),
  });
}

async function initialize(binaries: PostgresBinaries, data: string, account: Account | undefined): Promise<void> {
  const child = run(binaries.initdb, ['-D', join(data, 'cluster'), ...clusterArgs, ...collationArgs], data, account);
  const output = collect(child);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${binaries.initdb} ended with ${code}:\n${output()}`);
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  return () => text;
}

async function launch(
  binaries: PostgresBinaries,
  data: string,
  account: Account | undefined,
  durability: PostgresDurability,
  samePort?: number,
) {
  const sync = durability === 'durable' ? 'on' : 'off';
  for (let attempt = 1; ; attempt += 1) {
    const port = samePort ?? (await freePort());
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: sync,
      full_page_writes: sync,
      max_connections: '200',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = run(binaries.postgres, ['-D', join(data, 'cluster'), '-p', `${port}`, ...args], data, account);
    const failure = await ready(child);
    if (failure === undefined) return { child, port };
    if (attempt === portAttempts || !failure.includes('Address already in use'))
      throw new Error(`${binaries.postgres} did not start:\n${failure}`);
  }
}

/** Waits for the server's own word that it accepts connections; answers its output when it ends instead. */
function ready(child: ChildProcess): Promise<string | undefined> {
  const output = collect(child);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      resolve(`no answer within ${startTimeoutMs} ms\n${output()}`);
    }, startTimeoutMs);
    child.stderr?.on('data', () => {
      if (!output().includes('database system is ready to accept connections')) return;
      clearTimeout(timer);
      resolve(undefined);
    });
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve(output());
    });
  });
}

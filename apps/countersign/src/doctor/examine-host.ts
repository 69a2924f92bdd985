import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { DoctorOptions, Examination } from '@countersign/cli';
import { CodedError } from '@countersign/protocol';
import { examinePostgres, requireSqliteVersion, sqliteVersion } from '@countersign/store';
import { loadConfig } from '../config/load-config.ts';
import { readSettings } from '../config/settings.ts';

const run = promisify(execFile);
const oldestGit = [2, 30] as const;
const leastFreeBytes = 1_000_000_000;

interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}
type Found = Omit<Examination, 'id'>;

const good = (message: string): Found => ({ status: 'pass', message });
const bad = (message: string, next: string): Found => ({ status: 'fail', message, next });
const doubtful = (message: string, next: string): Found => ({ status: 'warn', message, next });

/** A refusal by its own words: it names what is wrong and what to do. */
function refusalOf(error: unknown): Found {
  if (!(error instanceof CodedError)) throw error;
  const { next } = error.detail;
  return bad(error.message, typeof next === 'string' ? next : 'see the documentation');
}

function examineNode(): Found {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 24) return bad(`Node ${process.versions.node} is too old`, 'use Node 24 or newer; `npm ci` brings one');
  try {
    requireSqliteVersion(sqliteVersion());
  } catch (error) {
    return refusalOf(error);
  }
  return good(`Node ${process.versions.node} with SQLite ${sqliteVersion()}`);
}

async function examineGit({ env }: Host): Promise<Found> {
  const next = `install git ${oldestGit.join('.')} or newer on PATH`;
  try {
    const { stdout } = await run('git', ['--version'], { env: { PATH: env['PATH'] ?? '' } });
    const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).map(Number);
    const newEnough = major > oldestGit[0] || (major === oldestGit[0] && minor >= oldestGit[1]);
    return newEnough ? good(stdout.trim()) : bad(`${stdout.trim()} is too old for targets of kind repo`, next);
  } catch {
    return doubtful('git does not run here, so targets of kind repo cannot be served', next);
  }
}

function examineConfiguration({ cwd }: Host, options: DoctorOptions): Found {
  try {
    const loaded = loadConfig({ config: options.config, cwd, dataDir: options.dataDir });
    if (loaded === null) return doubtful('there is none; `serve` makes a sandbox', 'write one with `countersign init`');
    return good(`${loaded.file}: ${loaded.config.targets.length} targets, profile ${loaded.config.profile}`);
  } catch (error) {
    return refusalOf(error);
  }
}

async function examineDataFolder(dataDir: string): Promise<Found> {
  if (!existsSync(dataDir)) return good(`${dataDir} will be made by \`countersign serve\``);
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return bad(`${dataDir} cannot be read and written by this user`, 'run as its owner, or change its owner');
  }
  const open = ['.', 'keys', 'keys/seal-key', 'admin.token', 'countersign.db']
    .map((name) => join(dataDir, name))
    .filter((path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0);
  if (open.length > 0) {
    return bad(`others can read ${open.join(', ')}`, `chmod -R go-rwx ${dataDir}`);
  }
  return good(`${dataDir}, for its owner only`);
}

async function examineSpace(dataDir: string): Promise<Found> {
  let place = dataDir;
  while (!existsSync(place)) place = dirname(place);
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const said = `${Math.round(free / 1e6)} MB free for ${dataDir}`;
  return free < leastFreeBytes ? doubtful(said, 'free some: where it is full, changes are refused') : good(said);
}

async function examineDatabase(host: Host, options: DoctorOptions): Promise<Found> {
  try {
    const { databaseUrl, dataDir } = readSettings(host.env, host.cwd, options);
    if (databaseUrl === null) {
      return good(existsSync(join(dataDir, 'countersign.db')) ? 'SQLite in the data folder' : 'SQLite, not made yet');
    }
    return good(await examinePostgres(databaseUrl));
  } catch (error) {
    return refusalOf(error);
  }
}

/** Examines this machine for `countersign doctor`: changes nothing, opens no database that a server may hold. */
export async function examineHost(host: Host, options: DoctorOptions): Promise<Examination[]> {
  return [
    { id: 'node', ...examineNode() },
    { id: 'git', ...(await examineGit(host)) },
    { id: 'configuration', ...examineConfiguration(host, options) },
    { id: 'data.folder', ...(await examineDataFolder(options.dataDir)) },
    { id: 'data.space', ...(await examineSpace(options.dataDir)) },
    { id: 'database', ...(await examineDatabase(host, options)) },
  ];
}

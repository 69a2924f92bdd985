import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RestoreOptions, RestoreReport } from '@countersign/cli';
import { recordRestore } from '@countersign/engine';
import { trustRoot } from '@countersign/evidence';
import { trustedKeyOf } from '@countersign/evidence/node';
import { type BackupManifest, CodedError, readJson, TrustRoot } from '@countersign/protocol';
import { loadPostgres, loadSqlite, openArtifacts } from '@countersign/store';
import { monotonicClock } from '../compose/clock.ts';
import { composeEngine, databasePath } from '../compose/compose-engine.ts';
import { loadConfig } from '../config/load-config.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { installationKeys } from '../keys/installation-keys.ts';
import { backupPaths } from './backup-paths.ts';
import { checkBackup, dumpOf } from './check-backup.ts';
import { type ReadManifest, readManifest } from './read-manifest.ts';
import { beginRestore, endRestore, refuseUnfinishedRestore, unfinishedRestore } from './unfinished-restore.ts';

interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}
type Tell = (message: string) => void;

/** Everything a backup brings lies in files with their modes. */
async function copyPrivate(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to);
}

async function restoreKeys(folder: string, manifest: BackupManifest, dataDir: string): Promise<void> {
  for (const { path } of manifest.keys) await copyPrivate(join(folder, path), join(dataDir, path));
}

/** `put` hashes what it is given, so a damaged file shows: its name is another. */
async function restoreArtifacts(folder: string, dataDir: string, tell: Tell): Promise<number> {
  const from = join(folder, 'artifacts');
  if (!existsSync(from)) return 0;
  const artifacts = await openArtifacts(join(dataDir, 'artifacts'));
  let count = 0;
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const { sha256 } = await artifacts.put(await readFile(join(entry.parentPath, entry.name)));
    if (sha256 !== entry.name) throw new CodedError('E_VERIFY', `the artifact ${entry.name} is damaged in the backup`);
    count += 1;
    if (count % 50 === 0) tell(`${count} artifacts`);
  }
  return count;
}

/** The keys that the backup itself brings vouch only that it is whole; keys kept elsewhere also say whose it is. */
async function trustFor(folder: string, manifest: BackupManifest, file: string | undefined): Promise<TrustRoot> {
  if (file !== undefined) {
    const trust = TrustRoot.safeParse(readJson(await readFile(file, 'utf8')));
    if (trust.success) return trust.data;
    throw new CodedError('E_VALIDATION', `${file} is no trust file`, { field: '--trust', next: 'see GET /v1/trust' });
  }
  if (manifest.keys.length === 0) throw new CodedError('E_VALIDATION', 'the backup has no keys', { field: 'backup' });
  const { installation, ring } = installationKeys(folder, { hit: () => undefined });
  return trustRoot(installation, [trustedKeyOf(ring.signer)]);
}

/** Checks a backup where it lies and changes nothing. */
export async function checkBackupFolder(
  folder: string,
  trust: string | undefined,
  tell: Tell,
): Promise<BackupManifest> {
  const read = await readManifest(folder);
  await checkBackup(folder, read, await trustFor(folder, read.manifest, trust), tell);
  return read.manifest;
}

function requireEmpty({ dataDir }: Settings): void {
  refuseUnfinishedRestore(dataDir);
  const taken = ['keys', 'countersign.db', 'artifacts'].find((name) => existsSync(join(dataDir, name)));
  if (taken === undefined) return;
  throw new CodedError('E_CONFIG', `${dataDir} is not empty: it has ${taken}`, {
    field: '--data-dir',
    next: 'restore into a new folder; nothing is ever overwritten',
  });
}

/** Undoes a restore that broke off; a Postgres database is left to its own transaction, which rolled back. */
async function removeRestored({ dataDir }: Settings): Promise<void> {
  for (const name of await readdir(dataDir).catch(() => [])) {
    if (/^(keys|artifacts|docs|countersign\.(db.*|yaml))$/.test(name) || name === unfinishedRestore) {
      await rm(join(dataDir, name), { recursive: true, force: true });
    }
  }
}

async function goOn(
  host: Host,
  settings: Settings,
  options: RestoreOptions,
  read: ReadManifest,
  tell: Tell,
): Promise<Pick<RestoreReport, 'open' | 'bundles' | 'tree_size'>> {
  const loaded = loadConfig({ config: options.config, cwd: settings.dataDir, dataDir: settings.dataDir });
  if (loaded === null) {
    throw new CodedError('E_CONFIG', 'the backup has no configuration', {
      field: '--config',
      next: 'give the countersign.yaml of the installation with --config',
    });
  }
  const { context, store } = await composeEngine(settings, loaded, host.env, () => undefined);
  try {
    const { manifest, bytes } = read;
    await recordRestore(context, {
      backup: manifest.name,
      madeAt: manifest.made_at,
      treeSize: manifest.audit?.tree_size ?? 0,
      manifestHash: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    });
    let bundles = 0;
    for (let after = ''; ; ) {
      const page = await store.read((reads) => reads.evidence.page(after, 100));
      for (const record of page) {
        after = record.bundleId;
        if (record.folder === null) continue;
        const files = await store.read((reads) => reads.evidence.files(record.bundleId));
        const contents = new Map(files.map((file) => [file.path, file.content]));
        await context.bundles.export(record.bundleId, record.sealedAt ?? 0, contents, basename(record.folder));
        bundles += 1;
        tell(`${bundles} bundles exported again`);
      }
      if (page.length === 0) break;
    }
    await store.sequence();
    const { size, operations } = await store.read(async (reads) => ({
      size: await reads.audit.size(),
      operations: await reads.operations.list({ states: ['draft', 'planning', 'planned'], limit: 100 }),
    }));
    return { open: operations.map(({ id }) => id), bundles, tree_size: size.treeSize };
  } finally {
    await store.close();
  }
}

/**
 * Restores a backup into a new data folder, and into the empty database of DATABASE_URL where it is set: the backup of
 * one database restores into the other. Everything is checked before anything is written, and what breaks off leaves
 * nothing. Afterwards panic mode is on and the log says that it goes on from a backup.
 */
export async function restoreBackup(host: Host, options: RestoreOptions, tell: Tell): Promise<RestoreReport> {
  const settings = readSettings(host.env, host.cwd, options);
  requireEmpty(settings);
  const { folder } = options;
  const read = await readManifest(folder);
  const { manifest } = read;
  await checkBackup(folder, read, await trustFor(folder, manifest, options.trust), tell);
  try {
    await mkdir(settings.dataDir, { recursive: true, mode: 0o700 });
    await beginRestore(settings.dataDir);
    tell('loading the tables');
    const dump = dumpOf(folder, manifest);
    const rows =
      settings.databaseUrl === null
        ? await loadSqlite(databasePath(settings), dump, monotonicClock)
        : await loadPostgres(settings.databaseUrl, dump);
    await restoreKeys(folder, manifest, settings.dataDir);
    const artifacts = await restoreArtifacts(folder, settings.dataDir, tell);
    if (manifest.configuration !== null) {
      await copyPrivate(join(folder, backupPaths.configuration), join(settings.dataDir, 'countersign.yaml'));
    }
    const standing = await goOn(host, settings, options, read, tell);
    await endRestore(settings.dataDir);
    return {
      backup: manifest.name,
      data_dir: settings.dataDir,
      database: settings.databaseUrl === null ? 'sqlite' : 'postgres',
      installation: manifest.installation,
      rows: Object.values(rows).reduce((sum, count) => sum + count, 0),
      artifacts,
      independent_trust: options.trust !== undefined,
      ...standing,
    };
  } catch (error) {
    await removeRestored(settings);
    throw error;
  }
}

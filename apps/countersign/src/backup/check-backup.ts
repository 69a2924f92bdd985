import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recomputeRoot } from '@countersign/engine';
import { fromHex, nodeHash, toHex, verifyCheckpoint } from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import { type BackupManifest, CodedError, type TrustRoot } from '@countersign/protocol';
import { type DatabaseDump, loadSqlite, openSqlite, type TableDump } from '@countersign/store';
import { monotonicClock } from '../compose/clock.ts';
import { digestOfFile } from './backup-paths.ts';
import { type ReadManifest, requireSignature } from './read-manifest.ts';
import { readTable } from './table-file.ts';

type Tell = (message: string) => void;

/** Hashes of the children of a node of the audit's tree, as the store wants them. */
export const hashChildren = (left: string, right: string): string =>
  toHex(nodeHash(fromHex(left), fromHex(right), nodeSha256));

/** The tables of a backup as the store loads them. */
export function dumpOf(folder: string, { database }: BackupManifest): DatabaseDump {
  async function* tables(): AsyncGenerator<TableDump> {
    for (const { table, file } of database.tables) yield await readTable(table, join(folder, file.path));
  }
  return { schema: database.schema, tables: tables() };
}

async function requireFiles(folder: string, manifest: BackupManifest, tell: Tell): Promise<void> {
  const { database, keys, configuration } = manifest;
  const files = [
    ...database.tables.map(({ file }) => file),
    ...keys,
    ...(configuration === null ? [] : [configuration]),
  ];
  for (const { path, sha256 } of files) {
    tell(`digest of ${path}`);
    const found = await digestOfFile(join(folder, path)).catch(() => null);
    if (found?.sha256 === sha256) continue;
    const why = found === null ? 'is missing' : 'is not what was backed up';
    throw new CodedError('E_VERIFY', `${path} ${why}`, { field: 'backup', next: 'use another backup' });
  }
}

async function requireRows(folder: string, manifest: BackupManifest, tell: Tell, trust: TrustRoot): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'countersign-check-'));
  try {
    const path = join(scratch, 'check.db');
    tell('loading the tables to check them');
    const loaded = await loadSqlite(path, dumpOf(folder, manifest), monotonicClock);
    for (const { table, rows } of manifest.database.tables) {
      if (loaded[table] === rows) continue;
      throw new CodedError('E_VERIFY', `the table ${table} has ${loaded[table] ?? 0} rows, not ${rows}`);
    }
    const store = await openSqlite({ path, clock: monotonicClock, hashChildren, report: () => undefined });
    try {
      await store.read((reads) => requireAudit(reads, manifest, trust, tell));
    } finally {
      await store.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function requireAudit(
  reads: Parameters<typeof recomputeRoot>[1],
  { audit }: BackupManifest,
  trust: TrustRoot,
  tell: Tell,
): Promise<void> {
  if (audit === null) return;
  const head = await verifyCheckpoint(audit.checkpoint, trust, nodeVerifyCrypto);
  if (!head.ok) throw new CodedError('E_VERIFY', `the tree head of the backup: ${head.reason}`);
  const { size } = head.value;
  const root = await recomputeRoot({ sha256: nodeSha256 }, reads, size, (done) => tell(`audit: ${done} of ${size}`));
  if (size !== audit.tree_size || root !== audit.root_hash || root !== toHex(head.value.root)) {
    throw new CodedError('E_VERIFY', `the ${size} audit entries do not give the signed root`);
  }
}

/**
 * Proves that a backup can be restored: its signature, every digest, and, by loading its tables into a scratch database,
 * that the audit gives the signed root. Throws E_VERIFY or E_VALIDATION that names what does not hold.
 */
export async function checkBackup(folder: string, read: ReadManifest, trust: TrustRoot, tell: Tell): Promise<void> {
  await requireSignature(folder, read, trust);
  await requireFiles(folder, read.manifest, tell);
  await requireRows(folder, read.manifest, tell, trust);
}

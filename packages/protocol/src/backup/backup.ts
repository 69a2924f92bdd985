import { z } from 'zod';
import { EpochMs, Sha256Digest } from '../scalar/scalar.ts';

const sizeBytes = z.int().nonnegative();
/** Name of a backup: the second in UTC at which it was begun, `YYYYMMDD-HHMMSS`, with `-NN` on a collision. */
export const BackupName = z.string().regex(/^\d{8}-\d{6}(-\d{2})?$/, 'expected YYYYMMDD-HHMMSS');

/** One file of a backup, by its path inside the folder. */
const BackupFile = z.strictObject({ path: z.string().min(1), sha256: Sha256Digest, size_bytes: sizeBytes });

/** The head of the audit's tree in the state that was backed up. */
const BackupHead = z.strictObject({ tree_size: z.int().nonnegative(), root_hash: z.string(), checkpoint: z.string() });

/** `backup.json`: what a backup holds. It is written last and signed, so a folder without it is no backup. */
export const BackupManifest = z.strictObject({
  schema: z.literal('countersign.backup.v1'),
  name: BackupName,
  installation: z.string(),
  /** Version of the product that made it. */
  version: z.string(),
  made_at: EpochMs,
  database: z.strictObject({
    /** Schema changes that the database had, oldest first. */
    schema: z.array(z.string()).min(1),
    tables: z.array(z.strictObject({ table: z.string(), rows: z.int().nonnegative(), file: BackupFile })),
  }),
  /** Null before the first checkpoint. */
  audit: BackupHead.nullable(),
  artifacts: z.strictObject({
    count: z.int().nonnegative(),
    size_bytes: sizeBytes,
    /** Hashes of artifacts whose bytes were gone already: retention had taken them, or they are damaged. */
    missing: z.array(z.string()),
  }),
  keys: z.array(BackupFile),
  /** The configuration that was in force; null when there was none to copy. */
  configuration: BackupFile.nullable(),
});
export type BackupManifest = z.infer<typeof BackupManifest>;

/** A backup as the API shows it. Counts are those so far while it runs. */
export const BackupView = z.strictObject({
  name: BackupName,
  state: z.enum(['running', 'complete', 'failed']),
  /** Folder on the server's machine. */
  folder: z.string(),
  started_at: EpochMs,
  ended_at: EpochMs.nullable(),

  rows: z.int().nonnegative(),
  size_bytes: sizeBytes,
  tree_size: z.int().nonnegative(),
  /** What it is doing, or why it failed. */
  message: z.string(),
});
export type BackupView = z.infer<typeof BackupView>;

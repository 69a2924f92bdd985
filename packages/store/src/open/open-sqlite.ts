import { mkdirSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { AuditRepository } from '../audit/audit-repository.ts';
import { sqliteDialect } from '../dialect/sqlite-dialect.ts';
import { SchemaMigration } from '../migrations/migrate.ts';
import type { SchemaChange } from '../migrations/migration.ts';
import { backUp } from '../sqlite/backup.ts';
import { FileGuard } from '../sqlite/file-guard.ts';
import { GroupCommit } from '../sqlite/group-commit.ts';
import { kyselyOn } from '../sqlite/kysely-connection.ts';
import { Readers } from '../sqlite/readers.ts';
import { openingError, requireNotEmptied, requireSound } from '../sqlite/soundness.ts';
import { SqliteConnection } from '../sqlite/sqlite-connection.ts';
import { SqliteSession } from '../sqlite/sqlite-session.ts';
import { SqliteStore } from '../sqlite/sqlite-store.ts';
import { makePrivate } from './make-private.ts';
import type { OpenedStore } from './opened-store.ts';
import type { StoreOptions } from './store-options.ts';

/** How to open a SQLite database. */
export interface SqliteOptions extends StoreOptions {
  /** The database file; its folder is made when missing. `-wal`, `-shm`, `.guard` and backups lie beside it. */
  readonly path: string;
  /** Read-only connections at most; 4 by default. */
  readonly readers?: number;
  /** Units to one commit at most; 256 by default. */
  readonly batchUnits?: number;
  /** Milliseconds after which no further unit joins a commit; 4 by default. */
  readonly batchMs?: number;
}

/**
 * Opens the database as the only process, backs it up and brings its schema up to date where needed.
 * Throws E_STORE when another process holds the file or it is damaged, E_CONFIG for an SQLite that is too old or a schema that is too new.
 */
export async function openSqlite(options: SqliteOptions): Promise<OpenedStore> {
  return openSqliteWith(options, undefined);
}

/** The same with another list of schema changes. */
export async function openSqliteWith(
  options: SqliteOptions,
  changes: readonly SchemaChange[] | undefined,
): Promise<OpenedStore> {
  const { clock, hashChildren, report } = options;
  const path = resolve(options.path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const guard = FileGuard.take(path, { pid: process.pid, host: hostname(), since: clock.now() });
  try {
    makePrivate(path);
    requireNotEmptied(guard.used, statSync(path).size === 0, path);
    const connection = new SqliteConnection(path, clock, 'write');
    try {
      requireSound(connection, path);
      await migrate(connection, path, guard, changes);
    } catch (error) {
      connection.close();
      throw error;
    }
    const { treeSize } = await new AuditRepository(new SqliteSession(connection)).size();
    const commits = new GroupCommit({
      connection,
      treeSize,
      hashChildren,
      report,
      observe: options.observe ?? (() => undefined),
      limits: { maximumUnits: options.batchUnits ?? 256, maximumMs: options.batchMs ?? 4 },
      slowUnitMs: options.slowUnitMs ?? 50,
      unitLimitMs: options.unitLimitMs ?? 10_000,
    });
    const readers = new Readers({ path, clock, maximum: options.readers ?? 4 });
    return new SqliteStore({ path, guard, connection, commits, readers });
  } catch (error) {
    guard.release();
    throw openingError(path, error);
  }
}

async function migrate(
  connection: SqliteConnection,
  path: string,
  guard: FileGuard,
  changes: readonly SchemaChange[] | undefined,
): Promise<void> {
  const migration = new SchemaMigration(kyselyOn(connection), sqliteDialect, changes);
  const { executed, pending } = await migration.state();
  requireNotEmptied(guard.used, executed.length === 0, path);
  const version = pending.at(-1);
  if (executed.length > 0 && version !== undefined) backUp(connection, path, version);
  await migration.run();
  guard.markUsed();
}

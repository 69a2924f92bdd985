import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Clock } from '@countersign/kernel';
import { z } from 'zod';
import { sqliteDialect } from '../dialect/sqlite-dialect.ts';
import { SchemaMigration } from '../migrations/migrate.ts';
import { makePrivate } from '../open/make-private.ts';
import { FileGuard } from '../sqlite/file-guard.ts';
import { kyselyOn } from '../sqlite/kysely-connection.ts';
import { SqliteConnection } from '../sqlite/sqlite-connection.ts';
import { bookkeeping, type DatabaseDump, quoted } from './dump.ts';
import { type LoadedTables, type LoadTarget, loadTables } from './load.ts';

const Named = z.object({ name: z.string() });

/**
 * Loads a dump into a new SQLite file; opening it afterwards brings its schema up to date.
 * Throws E_CONFIG when the file holds rows or the dump's schema is newer than this version, E_STORE when another process
 * holds the file.
 */
export async function loadSqlite(path: string, dump: DatabaseDump, clock: Clock): Promise<LoadedTables> {
  const file = resolve(path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const guard = FileGuard.take(file, { pid: process.pid, host: hostname(), since: clock.now() });
  try {
    makePrivate(file);
    const connection = new SqliteConnection(file, clock, 'write');
    try {
      await new SchemaMigration(kyselyOn(connection), sqliteDialect).runTo(dump.schema);
      connection.run('begin immediate; pragma defer_foreign_keys = on;');
      const loaded = await loadTables(targetOn(connection), dump);
      connection.run('commit');
      return loaded;
    } finally {
      connection.close();
    }
  } finally {
    guard.release();
  }
}

function targetOn(connection: SqliteConnection): LoadTarget {
  const rowsOf = (sql: string) => connection.execute({ sql, parameters: [] }).rows;
  return {
    async occupied() {
      const tables = rowsOf(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`)
        .map((row) => Named.parse(row).name)
        .filter((name) => !bookkeeping.includes(name));
      return tables.filter((name) => rowsOf(`select 1 from ${quoted(name)} limit 1`).length > 0);
    },
    async insert(table, columns, rows) {
      const places = columns.map(() => '?').join(', ');
      const sql = `insert into ${quoted(table)} (${columns.map(quoted).join(', ')}) values (${places})`;
      for (const parameters of rows) connection.execute({ sql, parameters });
    },
  };
}

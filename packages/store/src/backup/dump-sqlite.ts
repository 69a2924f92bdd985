import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { bookkeeping, type Cell, cellOf, type DatabaseDump, pageRows, quoted, type TableDump } from './dump.ts';

const Named = z.array(z.object({ name: z.string() }));

/**
 * Reads a SQLite database through a connection of its own. One read transaction spans everything, so units that commit
 * meanwhile are not seen; the event loop has its turn between pages.
 */
export async function dumpSqlite<T>(path: string, use: (dump: DatabaseDump) => Promise<T>): Promise<T> {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    database.exec('begin');
    const names = (sql: string): string[] => Named.parse(database.prepare(sql).all()).map(({ name }) => name);
    const schema = names('select name from kysely_migration order by name');
    // A table can only refer to one that was made before it, so the order of making is the order of loading.
    const tables = names(
      `select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by rowid`,
    );
    return await use({ schema, tables: each(database, tables) });
  } finally {
    database.close();
  }
}

async function* each(database: DatabaseSync, names: readonly string[]): AsyncGenerator<TableDump> {
  for (const name of names) {
    if (bookkeeping.includes(name)) continue;
    const statement = database.prepare(`select * from ${quoted(name)} order by 1`);
    const columns = statement.columns().map((column) => column.name);
    yield { name, columns, pages: pages(statement.iterate(), columns) };
  }
}

async function* pages(
  rows: Iterable<Readonly<Record<string, unknown>>>,
  columns: readonly string[],
): AsyncGenerator<readonly (readonly Cell[])[]> {
  let page: Cell[][] = [];
  for (const row of rows) {
    page.push(columns.map((column) => cellOf(row[column])));
    if (page.length < pageRows) continue;
    yield page;
    page = [];
    await nextTurn();
  }
  if (page.length > 0) yield page;
}

import { CodedError } from '@countersign/protocol';
import type { Cell, DatabaseDump, TableDump } from './dump.ts';

/** What both databases do to take a dump in. Everything commits together, or nothing does. */
export interface LoadTarget {
  /** Names of the tables that hold a row already. */
  occupied(): Promise<readonly string[]>;
  insert(table: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void>;
}

/** Rows of each table that were loaded. */
export type LoadedTables = Readonly<Record<string, number>>;

/** Loads a dump into an empty database. Throws E_CONFIG when it is not empty. */
export async function loadTables(target: LoadTarget, dump: DatabaseDump): Promise<LoadedTables> {
  const [table] = await target.occupied();
  if (table !== undefined) {
    throw new CodedError('E_CONFIG', `The database to restore into is not empty: the table ${table} holds rows.`, {
      next: 'restore into a new data folder or an empty database',
    });
  }
  const loaded: Record<string, number> = {};
  for await (const each of dump.tables) loaded[each.name] = await loadTable(target, each);
  return loaded;
}

async function loadTable(target: LoadTarget, table: TableDump): Promise<number> {
  let count = 0;
  for await (const page of table.pages) {
    await target.insert(table.name, table.columns, page);
    count += page.length;
  }
  return count;
}

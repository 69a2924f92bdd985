/** A value as both databases hold it. */
export type Cell = string | number | null | Uint8Array;

/** The rows of one table, a page at a time. */
export interface TableDump {
  readonly name: string;
  readonly columns: readonly string[];
  readonly pages: AsyncIterable<readonly (readonly Cell[])[]>;
}

/**
 * One consistent state of a whole database, the same for SQLite and Postgres: what one wrote the other can load.
 * Tables come in the order in which they refer to each other; each must be read before the next is asked for.
 */
export interface DatabaseDump {
  /** Names of the schema changes that the database has, oldest first. */
  readonly schema: readonly string[];
  readonly tables: AsyncIterable<TableDump>;
}

/** Rows to a page. */
export const pageRows = 500;

/** Tables of the migrations themselves: a restored database makes its own. */
export const bookkeeping: readonly string[] = ['kysely_migration', 'kysely_migration_lock'];

/** Throws for a value that one of the databases could not hold. */
export function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new TypeError(`A column holds ${typeof value}; a dump holds texts, numbers, bytes and null.`);
}

/** A name from the database's own catalogue as an identifier in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

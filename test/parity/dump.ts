import { DatabaseSync } from 'node:sqlite';
import { createVault } from '@countersign/engine';
import type { Client } from 'pg';
import { z } from 'zod';

/** Every table's rows as texts, sorted: the same for two databases in the same state. */
export type Dump = ReadonlyMap<string, readonly string[]>;

const Row = z.record(z.string(), z.unknown());
type Row = z.infer<typeof Row>;
const Named = z.object({ name: z.string() });
const SealedRow = z.looseObject({
  name: z.string(),
  nonce: z.instanceof(Uint8Array),
  ciphertext: z.instanceof(Uint8Array),
});

/** Kysely's own tables tell when a migration ran. */
const ownTables = (name: string): boolean => !name.startsWith('kysely_') && !name.startsWith('sqlite_');
const vault = createVault(new Uint8Array(32).fill(7));

/** What is random by its nature is replaced by what it stands for. */
function comparable(table: string, row: Row): Row {
  if (table === 'sealed_value') {
    const sealed = SealedRow.parse(row);
    return { ...row, nonce: sealed.nonce.length, ciphertext: vault.open(sealed).reveal() };
  }
  // The text of a token, and of a confirmation, is drawn at random, and its hash with it.
  if (table === 'token' || table === 'confirmation') return { ...row, hash: String(row['hash']).length };
  // A number that only orders: Postgres leaves out those of units that rolled back.
  if (table === 'audit') return { ...row, position: null };
  return row;
}

function textOf(row: Row): string {
  const names = Object.keys(row).sort();
  return JSON.stringify(
    names.map((name) => {
      const value = row[name];
      return [name, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value];
    }),
  );
}

const rowsOf = (table: string, rows: readonly unknown[]): string[] =>
  rows.map((row) => textOf(comparable(table, Row.parse(row)))).sort();

/** All rows of a SQLite file. */
export function dumpSqlite(path: string): Dump {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare(`select name from sqlite_schema where type = 'table' order by name`).all();
    const names = tables.map((row) => Named.parse(row).name).filter(ownTables);
    return new Map(names.map((name) => [name, rowsOf(name, database.prepare(`select * from "${name}"`).all())]));
  } finally {
    database.close();
  }
}

/** All rows of a Postgres database. */
export async function dumpPostgres(client: Client): Promise<Dump> {
  const tables = await client.query(`select tablename as name from pg_tables where schemaname = 'public' order by 1`);
  const dump = new Map<string, string[]>();
  for (const table of tables.rows) {
    const { name } = Named.parse(table);
    if (!ownTables(name)) continue;
    const { rows, fields } = await client.query(`select * from "${name}"`);
    const wide = fields.filter(({ dataTypeID }) => dataTypeID === 20).map((field) => field.name);
    for (const row of rows) for (const field of wide) row[field] = row[field] === null ? null : Number(row[field]);
    dump.set(name, rowsOf(name, rows));
  }
  return dump;
}

/** The first difference of two dumps in words; null when there is none. */
export function differenceOf(left: Dump, right: Dump): string | null {
  const names = [...new Set([...left.keys(), ...right.keys()])];
  for (const name of names) {
    const one = left.get(name);
    const other = right.get(name);
    if (one === undefined || other === undefined) return `only one database has the table ${name}`;
    const at = one.findIndex((row, index) => row !== other[index]);
    if (at !== -1) return `${name}: ${one.length} and ${other.length} rows\n${one[at]}\n${other[at]}`;
    if (one.length !== other.length) return `${name}: ${one.length} and ${other.length} rows\n${other[one.length]}`;
  }
  return null;
}

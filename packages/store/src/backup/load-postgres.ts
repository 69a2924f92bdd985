import { CodedError } from '@countersign/protocol';
import { Kysely, PostgresDialect } from 'kysely';
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { postgresDialect } from '../dialect/postgres-dialect.ts';
import { SchemaMigration } from '../migrations/migrate.ts';
import { makePool } from '../postgres/pool.ts';
import { translatePostgresError } from '../postgres/postgres-errors.ts';
import { bookkeeping, type Cell, type DatabaseDump, quoted } from './dump.ts';
import { type LoadedTables, type LoadTarget, loadTables } from './load.ts';

const Named = z.array(z.object({ name: z.string() }));
const Identity = z.array(z.object({ table: z.string(), column: z.string() }));
/** Postgres takes 65,535 parameters to a statement. */
const mostParameters = 60_000;

/**
 * Loads a dump into an empty Postgres database; opening it afterwards brings its schema up to date.
 * Throws E_CONFIG when a table holds rows or the dump's schema is newer than this version, E_STORE when the server cannot be reached.
 */
export async function loadPostgres(url: string, dump: DatabaseDump): Promise<LoadedTables> {
  const pool = makePool({ url, maximum: 2, statementLimitMs: null });
  pool.on('error', () => undefined);
  try {
    await new SchemaMigration(new Kysely({ dialect: new PostgresDialect({ pool }) }), postgresDialect).runTo(
      dump.schema,
    );
    const client = await pool.connect();
    try {
      await client.query('begin');
      const loaded = await loadTables(targetOn(client), dump);
      await advanceIdentities(client);
      await client.query('commit');
      return loaded;
    } finally {
      // Where it broke, closing the connection rolls everything back.
      client.release(true);
    }
  } catch (error) {
    throw error instanceof CodedError ? error : translatePostgresError(error);
  } finally {
    await pool.end();
  }
}

function targetOn(client: PoolClient): LoadTarget {
  return {
    async occupied() {
      const { rows } = await client.query(
        `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname = current_schema() order by c.oid`,
      );
      const names = Named.parse(rows).map(({ name }) => name);
      const held: string[] = [];
      for (const name of names.filter((each) => !bookkeeping.includes(each))) {
        const found = await client.query(`select 1 from ${quoted(name)} limit 1`);
        if (found.rows.length > 0) held.push(name);
      }
      return held;
    },
    async insert(table, columns, rows) {
      const atOnce = Math.max(1, Math.floor(mostParameters / columns.length));
      for (let from = 0; from < rows.length; from += atOnce) {
        await insertRows(client, table, columns, rows.slice(from, from + atOnce));
      }
    },
  };
}

async function insertRows(
  client: PoolClient,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): Promise<void> {
  const row = (_cells: readonly Cell[], index: number) =>
    `(${columns.map((_column, place) => `$${index * columns.length + place + 1}`).join(', ')})`;
  const values = rows.flat().map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell) : cell));
  // The audit's position is an identity: its numbers are part of what is restored.
  const sql = `insert into ${quoted(table)} (${columns.map(quoted).join(', ')}) overriding system value values ${rows.map(row).join(', ')}`;
  await client.query(sql, values);
}

/** What is inserted next gets a number after all that were restored. */
async function advanceIdentities(client: PoolClient): Promise<void> {
  const { rows } = await client.query(
    `select table_name as "table", column_name as "column" from information_schema.columns
     where table_schema = current_schema() and is_identity = 'YES'`,
  );
  for (const { table, column } of Identity.parse(rows)) {
    await client.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce(max(${quoted(column)}), 0) + 1, false) from ${quoted(table)}`,
      [quoted(table), column],
    );
  }
}

import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { bookkeeping, type Cell, cellOf, type DatabaseDump, pageRows, quoted, type TableDump } from './dump.ts';

const Named = z.array(z.object({ name: z.string() }));

/** Reads a Postgres database in one REPEATABLE READ transaction, so that everything is of one moment. */
export async function dumpPostgres<T>(pool: Pool, use: (dump: DatabaseDump) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin isolation level repeatable read read only');
    // What takes the dump may be slower than any unit: a full disk elsewhere, a reader over the network.
    await client.query('set local idle_in_transaction_session_timeout = 0');
    const schema = await names(client, 'select name from kysely_migration order by name');
    const tables = await names(
      client,
      // A table can only refer to one that was made before it, so the order of making is the order of loading.
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname = current_schema() order by c.oid`,
    );
    const value = await use({ schema, tables: each(client, tables) });
    await client.query('commit');
    return value;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    // A connection whose transaction broke is not given back for others to use.
    client.release(broken);
  }
}

async function names(client: PoolClient, sql: string): Promise<string[]> {
  const { rows } = await client.query(sql);
  return Named.parse(rows).map(({ name }) => name);
}

async function* each(client: PoolClient, tables: readonly string[]): AsyncGenerator<TableDump> {
  for (const name of tables) {
    if (bookkeeping.includes(name)) continue;
    await client.query(`declare dump no scroll cursor for select * from ${quoted(name)} order by 1`);
    const first = await fetchPage(client);
    yield { name, columns: first.columns, pages: pages(client, first.rows) };
    await client.query('close dump');
  }
}

interface Page {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

async function fetchPage(client: PoolClient): Promise<Page> {
  const { fields, rows } = await client.query<unknown[]>({ text: `fetch ${pageRows} from dump`, rowMode: 'array' });
  return { columns: fields.map((field) => field.name), rows: rows.map((row) => row.map(cellOf)) };
}

async function* pages(
  client: PoolClient,
  first: readonly (readonly Cell[])[],
): AsyncGenerator<readonly (readonly Cell[])[]> {
  let rows = first;
  while (rows.length > 0) {
    yield rows;
    rows = (await fetchPage(client)).rows;
  }
}

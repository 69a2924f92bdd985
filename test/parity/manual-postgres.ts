import { createTestDatabase, type ManualClock } from '@countersign/testing';
import { Client } from 'pg';

/** A Postgres database whose clock is a manual one. */
export interface ManualPostgres {
  readonly url: string;
  /** A connection beside the store's. */
  readonly client: Client;
  /** Sets the database's clock to the manual one, if that has moved. */
  tick(): Promise<void>;
  drop(): Promise<void>;
}

/**
 * Stands before `pg_catalog.clock_timestamp()` by the search path, so that the store's own SQL, unchanged, reads a clock
 * that a test moves.
 */
const shadowClock = [
  'create schema parity',
  'create table parity.clock (at timestamptz not null)',
  "insert into parity.clock values ('2000-01-01')",
  `create function parity.clock_timestamp() returns timestamptz language sql stable as 'select at from parity.clock'`,
];

/** Makes the database. */
export async function makeManualPostgres(clock: ManualClock): Promise<ManualPostgres> {
  const database = await createTestDatabase();
  const url = database.connectionString;
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const statement of shadowClock) await client.query(statement);
  const name = new URL(url).pathname.slice(1);
  await client.query(`alter database ${name} set search_path = public, parity, pg_catalog`);
  let shown = Number.NaN;
  return {
    url,
    client,
    async tick() {
      const now = clock.now();
      if (now === shown) return;
      await client.query('update parity.clock set at = to_timestamp($1::bigint / 1000.0)', [now]);
      shown = now;
    },
    async drop() {
      await client.end();
      await database.drop();
    },
  };
}

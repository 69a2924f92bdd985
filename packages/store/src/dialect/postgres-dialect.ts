import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Dialect } from './dialect.ts';

const text = 'text collate "C"';

/** PostgreSQL 15 and newer: READ COMMITTED with row locks. */
export const postgresDialect: Dialect = {
  name: 'postgres',
  builder: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
  types: {
    text,
    integer: 'bigint',
    flag: 'smallint',
    bytes: 'bytea',
    position: 'bigint generated always as identity primary key',
    tableOptions: '',
  },
  forUpdate: sql`for update`,
  forShare: sql`for share`,
  forUpdateSkipLocked: sql`for update skip locked`,
  now: sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  textsOf: (list) => sql`select value from jsonb_array_elements_text((${list})::jsonb)`,
  concurrentUnits: true,
};

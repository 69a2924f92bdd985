import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Dialect } from './dialect.ts';

/** Name of the SQL function by which queries read the injected clock. */
export const clockFunction = 'clock_ms';

/** SQLite: units are serial, so no row locks; STRICT tables. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  builder: new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  types: {
    text: 'text',
    integer: 'integer',
    flag: 'integer',
    bytes: 'blob',
    position: 'integer primary key',
    tableOptions: 'strict',
  },
  forUpdate: sql``,
  forShare: sql``,
  forUpdateSkipLocked: sql``,
  now: sql<number>`clock_ms()`,
  textsOf: (list) => sql`select value from json_each(${list})`,
  concurrentUnits: false,
};

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqliteConnection } from './sqlite-connection.ts';

/** SQLite's DDL is transactional; Kysely's own adapter does not rely on it, ours must: a killed migration leaves nothing. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Lets Kysely run on our connection. Only migrations need it: units execute compiled statements themselves. */
export function kyselyOn(connection: SqliteConnection): Kysely<unknown> {
  const shared: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const { rows, changes } = connection.execute(query);
      // The port of Kysely: the row type is the caller's claim.
      return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
    },
    async *streamQuery() {
      yield* [];
    },
  };
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => shared,
    beginTransaction: async () => connection.run('begin immediate'),
    commitTransaction: async () => connection.run('commit'),
    rollbackTransaction: async () => connection.run('rollback'),
    releaseConnection: async () => {},
    destroy: async () => {},
  };
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new TransactionalAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

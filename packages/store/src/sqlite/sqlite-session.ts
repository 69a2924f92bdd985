import { CodedError } from '@countersign/protocol';
import type { Result, Session, Statement } from '../database/statement.ts';
import { sqliteDialect } from '../dialect/sqlite-dialect.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { translateSqliteError } from './sqlite-errors.ts';

/** One unit's or read's use of a connection. Its first failure dooms it, as it does on Postgres. */
export class SqliteSession implements Session {
  readonly dialect = sqliteDialect;
  readonly #connection: SqliteConnection;
  #over = false;
  #failed = false;
  #failure: unknown;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async execute(statement: Statement): Promise<Result> {
    if (this.#over) throw new Error('The unit is over; a repository was used after its end.');
    if (this.#failed) throw this.#failure;
    try {
      requireHoldable(statement);
      return this.#connection.execute(statement);
    } catch (error) {
      this.#failed = true;
      this.#failure = translateSqliteError(error);
      throw this.#failure;
    }
  }

  /** Nothing may use the session from now on. */
  end(): void {
    this.#over = true;
  }

  /** Throws the failure that the unit's code may have caught. */
  requireIntact(): void {
    if (this.#failed) throw this.#failure;
  }
}

/** Text with NUL is refused here too: Postgres cannot hold it, and a database that is moved there must fit. */
function requireHoldable(statement: Statement): void {
  for (const value of statement.parameters) {
    if (typeof value === 'string' && value.includes('\0')) {
      throw new CodedError('E_INTERNAL', 'The database refused a row.', { reason: 'a text contains NUL' });
    }
  }
}

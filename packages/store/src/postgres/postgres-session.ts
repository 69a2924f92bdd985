import type { PoolClient } from 'pg';
import type { Result, Session, Statement } from '../database/statement.ts';
import { postgresDialect } from '../dialect/postgres-dialect.ts';
import { translatePostgresError } from './postgres-errors.ts';

/** One unit's or read's use of a connection. Its first failure dooms it. */
export class PostgresSession implements Session {
  readonly dialect = postgresDialect;
  readonly #client: PoolClient;
  #over = false;
  #busy = false;
  #last: Promise<unknown> = Promise.resolve();
  #failure: { readonly raw: unknown; readonly translated: Error } | null = null;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  /** One query at a time: what a unit starts side by side waits in line. */
  execute(statement: Statement): Promise<Result> {
    const result = this.#last.then(() => this.#run(statement));
    this.#last = result.catch(() => {});
    return result;
  }

  /** What the driver said when the session failed; null while it is intact. */
  get failure(): { readonly raw: unknown; readonly translated: Error } | null {
    return this.#failure;
  }

  /** Whether a query was left running, so that the connection cannot be given back. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Nothing may use the session from now on. */
  end(): void {
    this.#over = true;
  }

  async #run({ sql, parameters }: Statement): Promise<Result> {
    if (this.#over) throw new Error('The unit is over; a repository was used after its end.');
    if (this.#failure !== null) throw this.#failure.translated;
    this.#busy = true;
    try {
      const { rows, rowCount } = await this.#client.query(sql, [...parameters]);
      return { rows, changes: rowCount ?? 0 };
    } catch (raw) {
      this.#failure = { raw, translated: translatePostgresError(raw) };
      throw this.#failure.translated;
    } finally {
      this.#busy = false;
    }
  }
}

import type { Clock, Reads } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { SqliteConnection } from './sqlite-connection.ts';
import { SqliteSession } from './sqlite-session.ts';

/** What readers need. */
export interface ReadersOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly maximum: number;
}

/** Read-only connections: each read sees one durable state, even while units run between its queries. */
export class Readers {
  readonly #options: ReadersOptions;
  readonly #connections: SqliteConnection[] = [];
  readonly #free: SqliteConnection[] = [];
  readonly #waiting: ((connection: SqliteConnection) => void)[] = [];
  #closed = false;
  #allFree: () => void = () => {};

  constructor(options: ReadersOptions) {
    this.#options = options;
  }

  async read<T>(query: (reads: Reads) => Promise<T>): Promise<T> {
    if (this.#closed) throw new CodedError('E_STORE', 'The database is closed.');
    const connection = this.#free.pop() ?? this.#another() ?? (await this.#nextFree());
    const session = new SqliteSession(connection);
    try {
      await session.execute(begin);
      return await query(new UnitOfWork(session));
    } finally {
      session.end();
      if (endTransaction(connection)) this.#giveBack(connection);
      else this.#replace(connection);
    }
  }

  /** Refuses new reads, waits for those in progress and closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#free.length < this.#connections.length) {
      await new Promise<void>((resolve) => {
        this.#allFree = resolve;
      });
    }
    for (const connection of this.#connections) connection.close();
  }

  /** One more connection, unless there are enough; what the file does not allow now is E_STORE. */
  #another(): SqliteConnection | null {
    if (this.#connections.length >= this.#options.maximum) return null;
    const connection = new SqliteConnection(this.#options.path, this.#options.clock, 'read');
    this.#connections.push(connection);
    return connection;
  }

  #nextFree(): Promise<SqliteConnection> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(connection: SqliteConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(connection);
    else next(connection);
    if (this.#free.length === this.#connections.length) this.#allFree();
  }

  /** A connection that cannot end its transaction would show its next reader an old state: another takes its place. */
  #replace(connection: SqliteConnection): void {
    this.#connections.splice(this.#connections.indexOf(connection), 1);
    try {
      connection.close();
    } catch {
      // Nobody reads from it any more, and the read that had it was answered.
    }
    const another = this.#waiting.length > 0 ? this.#another() : null;
    if (another !== null) this.#giveBack(another);
    else if (this.#free.length === this.#connections.length) this.#allFree();
  }
}

/** False when the connection is still in its transaction. */
function endTransaction(connection: SqliteConnection): boolean {
  try {
    if (connection.inTransaction) connection.execute(commit);
    return !connection.inTransaction;
  } catch {
    // What was read is good: it was one state of the database.
    return !connection.inTransaction;
  }
}

const begin = { sql: 'begin', parameters: [] };
const commit = { sql: 'commit', parameters: [] };

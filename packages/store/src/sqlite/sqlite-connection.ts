import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Clock } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import type { Result, Statement } from '../database/statement.ts';
import { clockFunction } from '../dialect/sqlite-dialect.ts';

/** Older ones can corrupt a WAL (sqlite.org/wal.html, "the WAL-reset bug"). */
const oldestVersion = [3, 51, 3] as const;
/** Lists build SQL of any length, so the cache must end somewhere. */
const cachedStatements = 500;

interface CachedStatement {
  readonly statement: StatementSync;
  readonly answersRows: boolean;
}

/** One connection with a cache of prepared statements. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, CachedStatement>();

  constructor(path: string, clock: Clock, access: 'read' | 'write') {
    this.#database = new DatabaseSync(path, { readOnly: access === 'read', timeout: 5000 });
    requireSqliteVersion(String(this.#database.prepare('select sqlite_version() as version').get()?.['version']));
    this.#database.function(clockFunction, () => clock.now());
    if (access === 'write') {
      this.#database.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
        pragma recursive_triggers = on; pragma temp_store = memory; pragma cache_size = -65536;`);
    }
  }

  /** Whether a transaction is open: some errors end it. */
  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs SQL without parameters or rows. */
  run(sql: string): void {
    this.#database.exec(sql);
  }

  execute(query: Statement): Result {
    const { statement, answersRows } = this.#prepare(query.sql);
    const { parameters } = query;
    if (!areBindable(parameters)) throw new TypeError('SQLite binds numbers, texts, bytes and null only.');
    if (answersRows) {
      const rows = statement.all(...parameters);
      return { rows, changes: rows.length };
    }
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): CachedStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, answersRows: statement.columns().length > 0 };
    if (this.#statements.size >= cachedStatements) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/** Version of the SQLite that this Node.js brings. */
export function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:');
  try {
    return String(database.prepare('select sqlite_version() as version').get()?.['version']);
  } finally {
    database.close();
  }
}

/** Throws E_CONFIG for a version of SQLite that is known to corrupt databases. */
export function requireSqliteVersion(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [index, oldest] of oldestVersion.entries()) {
    const part = parts[index] ?? 0;
    if (part > oldest) return;
    if (part < oldest) {
      const detail = { next: 'Use a Node.js that brings a newer SQLite.' };
      throw new CodedError('E_CONFIG', `SQLite ${version} is older than ${oldestVersion.join('.')}.`, detail);
    }
  }
}

function areBindable(values: readonly unknown[]): values is readonly SQLInputValue[] {
  return values.every(
    (value) => typeof value === 'string' || typeof value === 'number' || value === null || value instanceof Uint8Array,
  );
}

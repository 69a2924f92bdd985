import type { Reads, Unit } from '@countersign/kernel';
import type { DatabaseDump } from '../backup/dump.ts';
import { dumpSqlite } from '../backup/dump-sqlite.ts';
import type { OpenedStore } from '../open/opened-store.ts';
import type { FileGuard } from './file-guard.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Readers } from './readers.ts';
import type { SqliteConnection } from './sqlite-connection.ts';

/** What an open SQLite store is made of. */
export interface SqliteParts {
  readonly path: string;
  readonly guard: FileGuard;
  readonly connection: SqliteConnection;
  readonly commits: GroupCommit;
  readonly readers: Readers;
}

/** The store on one SQLite file. */
export class SqliteStore implements OpenedStore {
  readonly dialect = 'sqlite';
  /** One process opens the file. */
  readonly hints = null;
  readonly #parts: SqliteParts;
  #closing: Promise<void> | null = null;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  write<T>(unit: (unit: Unit) => Promise<T>): Promise<T> {
    return this.#parts.commits.write(unit);
  }

  read<T>(query: (reads: Reads) => Promise<T>): Promise<T> {
    return this.#parts.readers.read(query);
  }

  ping(): Promise<void> {
    return this.write((unit) => unit.settings.set('store.ping', null));
  }

  /** Nothing to do: every commit gives its entries their indexes. */
  async sequence(): Promise<number> {
    return 0;
  }

  dump<T>(use: (dump: DatabaseDump) => Promise<T>): Promise<T> {
    return dumpSqlite(this.#parts.path, use);
  }

  /** Finishes the units in the queue, then lets go of the file. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { commits, readers, connection, guard } = this.#parts;
    await commits.close();
    await readers.close();
    connection.close();
    guard.release();
  }
}

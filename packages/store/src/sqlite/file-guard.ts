import { DatabaseSync } from 'node:sqlite';
import { CodedError } from '@countersign/protocol';
import { z } from 'zod';

/** Who holds a database file. */
const Holder = z.object({ pid: z.int(), host: z.string(), since: z.int() });
export type Holder = z.infer<typeof Holder>;

/**
 * Lets one process at a time open a database file.
 *
 * The guard is a second, tiny SQLite file beside it with a transaction that stays open (RESERVED lock). The operating
 * system drops that lock with the process, so kill -9 leaves nothing stale; a pid file would have to guess, and would
 * guess wrong across containers. SQLite's `locking_mode = exclusive` on the database itself would shut out our own
 * read-only connections. Others can still read the guard's committed row, which names the holder.
 */
export class FileGuard {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Takes the guard or throws E_STORE naming the holder. */
  static take(databasePath: string, holder: Holder): FileGuard {
    const database = new DatabaseSync(`${databasePath}.guard`);
    try {
      database.exec('begin immediate');
      database.exec(
        'create table if not exists holder (one integer primary key check (one = 1), pid integer, host text, since integer) strict',
      );
      database
        .prepare('insert or replace into holder (one, pid, host, since) values (1, ?, ?, ?)')
        .run(holder.pid, holder.host, holder.since);
      database.exec('commit');
      database.exec('begin immediate');
      return new FileGuard(database);
    } catch (error) {
      const refusal = refusalFor(database, databasePath, error);
      database.close();
      throw refusal;
    }
  }

  /** Whether a database was ever made beside this guard. */
  get used(): boolean {
    return this.#database.prepare("select 1 from sqlite_schema where name = 'used'").get() !== undefined;
  }

  /** Notes, for every later start, that the database beside this guard was made. */
  markUsed(): void {
    if (this.used) return;
    this.#database.exec('create table used (at integer) strict; commit; begin immediate');
  }

  release(): void {
    this.#database.exec('rollback');
    this.#database.close();
  }
}

function refusalFor(database: DatabaseSync, path: string, cause: unknown): CodedError {
  const holder = readHolder(database);
  const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  const next = 'Stop that process, or give this one another data folder. One process opens the file.';
  const detail = holder === null ? { next } : { holder, next };
  return new CodedError('E_STORE', `The database ${path} is held by ${who}.`, detail, { cause });
}

function readHolder(database: DatabaseSync): Holder | null {
  try {
    return Holder.parse(database.prepare('select pid, host, since from holder').get());
  } catch {
    // Only the name of the holder is lost: it may be writing its row this moment.
    return null;
  }
}

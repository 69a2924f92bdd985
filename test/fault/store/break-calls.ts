import { DatabaseSync, StatementSync } from 'node:sqlite';
import { Client } from 'pg';
import type { Dialect } from './world.ts';

/** What becomes of the call that is struck. */
export type Mode = 'throws' | 'works then throws' | 'hangs' | 'works then hangs';

/** A fault at one call of the database's driver. */
export interface Breaker extends Disposable {
  /** Calls seen since the last `arm`. */
  readonly calls: number;
  /** What was struck: the beginning of its SQL. */
  readonly struck: readonly string[];
  /** Strikes the `at`th call from now on; `null` only counts. */
  arm(at: number | null, mode: Mode): void;
  disarm(): void;
}

/** Opening a store, closing it and looking at its settings is not what is struck. */
const ofUnits = (sql: string): boolean =>
  !/^\s*(pragma|show|vacuum|select sqlite_version|create |select pg_)/i.test(sql);

/** What a driver says when a disk or a server fails under a statement. */
const broken = (code: string, errcode: number): Error =>
  Object.assign(new Error('planted: input/output error'), { code, errcode });

class Counter {
  calls = 0;
  readonly struck: string[] = [];
  #at: number | null = null;
  #mode: Mode = 'throws';
  #armed = false;

  arm(at: number | null, mode: Mode): void {
    this.calls = 0;
    this.#at = at;
    this.#mode = mode;
    this.#armed = true;
  }

  disarm(): void {
    this.#armed = false;
  }

  /** Counts a call; answers how it is to fail, or null. */
  strikes(sql: string): Mode | null {
    if (!this.#armed || !ofUnits(sql)) return null;
    this.calls += 1;
    if (this.calls !== this.#at) return null;
    this.struck.push(sql.trim().replaceAll(/\s+/g, ' ').split(' ').slice(0, 3).join(' '));
    return this.#mode;
  }
}

/** SQLite runs in the caller's thread: what hangs there holds up the process, as a stalled disk does, and then goes on. */
const stallMs = 150;
function stall(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
}

function breakSqlite(counter: Counter): () => void {
  const { exec } = DatabaseSync.prototype;
  const { all, run } = StatementSync.prototype;
  const struck = <T>(sql: string, work: () => T): T => {
    const mode = counter.strikes(sql);
    if (mode === null) return work();
    if (mode === 'throws') throw broken('ERR_SQLITE_ERROR', 10);
    if (mode === 'hangs') stall();
    const answer = work();
    if (mode === 'works then throws') throw broken('ERR_SQLITE_ERROR', 10);
    if (mode === 'works then hangs') stall();
    return answer;
  };
  Object.assign(DatabaseSync.prototype, {
    exec(this: DatabaseSync, sql: string) {
      return struck(sql, () => exec.call(this, sql));
    },
  });
  Object.assign(StatementSync.prototype, {
    all(this: StatementSync, ...parameters: unknown[]) {
      return struck(this.sourceSQL, () => Reflect.apply(all, this, parameters));
    },
    run(this: StatementSync, ...parameters: unknown[]) {
      return struck(this.sourceSQL, () => Reflect.apply(run, this, parameters));
    },
  });
  return () => {
    Object.assign(DatabaseSync.prototype, { exec });
    Object.assign(StatementSync.prototype, { all, run });
  };
}

type Query = (this: Client, ...args: unknown[]) => Promise<unknown>;

const sqlOf = (query: unknown): string => {
  if (typeof query === 'string') return query;
  if (typeof query === 'object' && query !== null && 'text' in query) return String(query.text);
  return '';
};

/** The socket below a client. */
function socketOf(client: Client): { pause(): void; destroy(): void; write: unknown } {
  return Reflect.get(Reflect.get(client, 'connection'), 'stream');
}

function breakPostgres(counter: Counter): () => void {
  const query: Query = Reflect.get(Client.prototype, 'query');
  const replaced: Query = async function (this: Client, ...args) {
    const mode = counter.strikes(sqlOf(args[0]));
    if (mode === null) return await query.apply(this, args);
    const socket = socketOf(this);
    if (mode === 'throws') throw broken('58030', 0);
    if (mode === 'works then throws') {
      await query.apply(this, args);
      socket.destroy();
      throw broken('ECONNRESET', 0);
    }
    // A line that swallows what is sent, or one on which no answer comes back.
    if (mode === 'hangs') Object.assign(socket, { write: () => true, writev: undefined, cork: () => undefined });
    else socket.pause();
    return await query.apply(this, args);
  };
  Object.assign(Client.prototype, { query: replaced });
  return () => {
    Object.assign(Client.prototype, { query });
  };
}

/** Puts itself between the store and its driver, in this process, until it is disposed of. */
export function breakCalls(dialect: Dialect): Breaker {
  const counter = new Counter();
  const restore = dialect === 'sqlite' ? breakSqlite(counter) : breakPostgres(counter);
  return {
    get calls() {
      return counter.calls;
    },
    struck: counter.struck,
    arm: (at, mode) => counter.arm(at, mode),
    disarm: () => counter.disarm(),
    [Symbol.dispose]: restore,
  };
}

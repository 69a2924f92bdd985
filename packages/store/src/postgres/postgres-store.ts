import type { Reads, Unit } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import type { Pool } from 'pg';
import type { DatabaseDump } from '../backup/dump.ts';
import { dumpPostgres } from '../backup/dump-postgres.ts';
import { callListeners } from '../database/call-listeners.ts';
import type { OpenedStore } from '../open/opened-store.ts';
import type { StoreWarning } from '../open/store-options.ts';
import type { PostgresHints } from './postgres-hints.ts';
import type { SequencerLoop } from './sequencer-loop.ts';
import type { Transactions } from './transactions.ts';

/** What an open Postgres store is made of. */
export interface PostgresParts {
  readonly pool: Pool;
  readonly transactions: Transactions;
  readonly sequencer: SequencerLoop;
  readonly hints: PostgresHints;
  readonly report: (warning: StoreWarning) => void;
}

/** The store on one Postgres database. */
export class PostgresStore implements OpenedStore {
  readonly dialect = 'postgres';
  readonly #parts: PostgresParts;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(parts: PostgresParts) {
    this.#parts = parts;
  }

  get hints(): PostgresHints {
    return this.#parts.hints;
  }

  write<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    return this.#whileOpen(async () => {
      const { transactions, sequencer, report } = this.#parts;
      const { value, unit } = await transactions.write(work);
      if (unit.audit.appended) sequencer.trigger();
      callListeners(unit.listeners, report);
      return value;
    });
  }

  read<T>(query: (reads: Reads) => Promise<T>): Promise<T> {
    return this.#whileOpen(() => this.#parts.transactions.read(query));
  }

  ping(): Promise<void> {
    return this.write((unit) => unit.settings.set('store.ping', null));
  }

  sequence(): Promise<number> {
    return this.#parts.sequencer.sequence();
  }

  dump<T>(use: (dump: DatabaseDump) => Promise<T>): Promise<T> {
    return this.#whileOpen(() => dumpPostgres(this.#parts.pool, use));
  }

  /** Waits for what is under way, then closes every connection. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#parts.sequencer.close();
    await this.#parts.hints.close();
    await this.#parts.pool.end();
  }

  async #whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== null) throw new CodedError('E_STORE', 'The database is closed.');
    const result = work();
    this.#underWay.add(result);
    try {
      return await result;
    } finally {
      this.#underWay.delete(result);
    }
  }
}

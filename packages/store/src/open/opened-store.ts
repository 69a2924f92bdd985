import type { Hints, Store } from '@countersign/kernel';
import type { DatabaseDump } from '../backup/dump.ts';

/** A store with what only its owner needs. */
export interface OpenedStore extends Store {
  /** The way to other servers on the same database; null where there can be none. */
  readonly hints: Hints | null;
  /**
   * Gives leaf indexes to all committed audit entries that wait for one; answers how many. On SQLite every commit did
   * so already, on Postgres it happens soon after each commit anyway.
   */
  sequence(): Promise<number>;
  /** Shows one consistent state of everything, while units go on. `use` must not keep the dump. */
  dump<T>(use: (dump: DatabaseDump) => Promise<T>): Promise<T>;
}

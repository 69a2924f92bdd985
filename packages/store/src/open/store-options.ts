import type { Clock } from '@countersign/kernel';
import type { HashChildren } from '../audit/sequencer.ts';

/** Something that went wrong without failing a caller; nothing is swallowed. */
export type StoreWarning =
  /** A unit took long: it awaits something else than the database, or does too much. Everybody waits for it on SQLite. */
  | { readonly kind: 'slow_unit'; readonly durationMs: number; readonly finished: boolean }
  /** A listener registered by `afterCommit` threw. The change stands. */
  | { readonly kind: 'listener_failed'; readonly error: unknown }
  /** The sequencer of audit entries failed and will try again. */
  | { readonly kind: 'sequencer_failed'; readonly error: unknown }
  /** A failed batch could not be rolled back; the next one will fail to begin. */
  | { readonly kind: 'rollback_failed'; readonly error: unknown }
  /** A connection of the pool broke while nobody used it; it is replaced. */
  | { readonly kind: 'connection_lost'; readonly error: unknown };

/** One transaction that ended, of one unit or many. */
export interface EndedTransaction {
  readonly outcome: 'committed' | 'failed';
  readonly units: number;
  /** How often it was begun again before. */
  readonly retries: number;
  readonly durationMs: number;
}

/** What both databases need. */
export interface StoreOptions {
  /** Time since start must be monotonic: leases on SQLite are reckoned by it. */
  readonly clock: Clock;
  readonly hashChildren: HashChildren;
  readonly report: (warning: StoreWarning) => void;
  /** Hears of each transaction that was to write. It is on the way of every commit: it must be quick and may not throw. */
  readonly observe?: (transaction: EndedTransaction) => void;
  /** A unit that takes longer is reported; 50 by default. */
  readonly slowUnitMs?: number;
  /** A unit that takes longer is rolled back and fails with E_STORE; 10,000 by default. */
  readonly unitLimitMs?: number;
}

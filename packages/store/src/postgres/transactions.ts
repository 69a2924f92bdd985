import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '@countersign/protocol';
import type { Pool, PoolClient } from 'pg';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { UnitWatch, type UnitWatchOptions } from '../database/unit-watch.ts';
import type { EndedTransaction } from '../open/store-options.ts';
import { failingOf, translatePostgresError } from './postgres-errors.ts';
import { PostgresSession } from './postgres-session.ts';

/** Waits before each further try of a unit that failed before its COMMIT was sent. */
const retryAfterMs = [5, 20, 60, 150, 400, 800] as const;

type Attempt<T> =
  | { readonly kind: 'committed'; readonly value: T; readonly unit: UnitOfWork }
  | { readonly kind: 'failed'; readonly error: unknown; readonly mayRetry: boolean };

/** What of a session has ended well; `unit` tells its listeners and whether it appended audit entries. */
export interface Committed<T> {
  readonly value: T;
  readonly unit: UnitOfWork;
}

/** Runs units, one transaction each, again after conflicts and lost connections, as long as a unit may take. */
export class Transactions {
  readonly #pool: Pool;
  readonly #watch: UnitWatchOptions;
  readonly #observe: (transaction: EndedTransaction) => void;

  constructor(pool: Pool, watch: UnitWatchOptions, observe: (transaction: EndedTransaction) => void) {
    this.#pool = pool;
    this.#watch = watch;
    this.#observe = observe;
  }

  /**
   * Throws what the unit threw, or E_STORE. A connection lost during COMMIT leaves the outcome unknown: then
   * `detail.outcome` is `unknown` and the caller finds out by its key.
   */
  async write<T>(work: (unit: UnitOfWork) => Promise<T>): Promise<Committed<T>> {
    const startedAt = performance.now();
    const until = startedAt + this.#watch.unitLimitMs;
    const observe = (outcome: EndedTransaction['outcome'], retries: number): void =>
      this.#observe({ outcome, units: 1, retries, durationMs: performance.now() - startedAt });
    for (let tries = 0; ; tries++) {
      const attempt = await this.#attempt('begin isolation level read committed', work);
      if (attempt.kind === 'committed') {
        observe('committed', tries);
        return attempt;
      }
      const waitMs = retryAfterMs[tries];
      if (!attempt.mayRetry || waitMs === undefined || performance.now() + waitMs > until) {
        // What a unit refused itself says nothing about the database.
        if (attempt.error instanceof CodedError && attempt.error.code === 'E_STORE') observe('failed', tries);
        throw attempt.error;
      }
      await delay(waitMs);
    }
  }

  /** Runs a read on one snapshot; again only when it had not begun, since a read may not expect to run twice. */
  async read<T>(query: (reads: UnitOfWork) => Promise<T>): Promise<T> {
    const until = performance.now() + this.#watch.unitLimitMs;
    let begun = false;
    for (let tries = 0; ; tries++) {
      const attempt = await this.#attempt('begin isolation level repeatable read read only', (reads) => {
        begun = true;
        return query(reads);
      });
      if (attempt.kind === 'committed') return attempt.value;
      const waitMs = retryAfterMs[tries];
      const mayRetry = !begun && attempt.mayRetry && waitMs !== undefined && performance.now() + waitMs <= until;
      if (!mayRetry) throw attempt.error;
      await delay(waitMs);
    }
  }

  async #attempt<T>(begin: string, work: (unit: UnitOfWork) => Promise<T>): Promise<Attempt<T>> {
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      return { kind: 'failed', error: translatePostgresError(error), mayRetry: failingOf(error) === 'lost' };
    }
    // A connection that breaks between two queries says so by an event; the next query fails and tells the unit.
    const ignore = () => {};
    client.on('error', ignore);
    let broken = false;
    try {
      const session = new PostgresSession(client);
      const attempt = await this.#run(session, begin, work);
      broken = attempt.kind === 'failed' && !(await rollBack(client, session));
      return attempt.kind === 'failed' ? attempt : await commit(client, attempt);
    } catch (error) {
      broken = true;
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(broken);
    }
  }

  async #run<T>(session: PostgresSession, begin: string, work: (unit: UnitOfWork) => Promise<T>): Promise<Attempt<T>> {
    const watch = new UnitWatch(this.#watch);
    const stop = watch.begin();
    try {
      await session.execute({ sql: begin, parameters: [] });
      const unit = new UnitOfWork(session);
      const value = await watch.run(work(unit));
      if (session.failure !== null) throw session.failure.translated;
      return { kind: 'committed', value, unit };
    } catch (error) {
      const { failure } = session;
      if (failure === null) return { kind: 'failed', error, mayRetry: false };
      const mayRetry = failingOf(failure.raw) === 'conflict' || failingOf(failure.raw) === 'lost';
      return { kind: 'failed', error: failure.translated, mayRetry };
    } finally {
      session.end();
      stop();
    }
  }
}

async function commit<T>(client: PoolClient, attempt: Attempt<T>): Promise<Attempt<T>> {
  try {
    const { command } = await client.query('commit');
    if (command === 'COMMIT') return attempt;
  } catch (error) {
    if (failingOf(error) === 'conflict')
      return { kind: 'failed', error: translatePostgresError(error), mayRetry: true };
    const detail = { outcome: 'unknown', next: 'Ask again with the same request id to learn what happened.' };
    throw new CodedError('E_STORE', 'It is not known whether the database committed.', detail, { cause: error });
  }
  return { kind: 'failed', error: new CodedError('E_STORE', 'The database rolled back.'), mayRetry: false };
}

/** False when the connection cannot be used again. */
async function rollBack(client: PoolClient, session: PostgresSession): Promise<boolean> {
  if (session.busy) return false;
  // A dead line would not answer this either, and would be waited for as long again.
  if (session.failure !== null && failingOf(session.failure.raw) === 'lost') return false;
  try {
    await client.query('rollback');
    return true;
  } catch {
    // The connection is gone and its transaction with it; the unit's own error is what the caller hears.
    return false;
  }
}

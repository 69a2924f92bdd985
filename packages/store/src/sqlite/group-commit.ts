import type { Unit } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import type { AuditRepository } from '../audit/audit-repository.ts';
import { addTiles, type HashChildren } from '../audit/sequencer.ts';
import { callListeners } from '../database/call-listeners.ts';
import { UnitOfWork } from '../database/unit-of-work.ts';
import { UnitWatch } from '../database/unit-watch.ts';
import type { EndedTransaction, StoreWarning } from '../open/store-options.ts';
import type { SqliteConnection } from './sqlite-connection.ts';
import { isFull, translateSqliteError } from './sqlite-errors.ts';
import { SqliteSession } from './sqlite-session.ts';

/** How a batch is bounded, so that the event loop keeps turning. */
export interface BatchLimits {
  readonly maximumUnits: number;
  /** No further unit begins after this; the commit comes on top. */
  readonly maximumMs: number;
}
/** What group commit needs. */
export interface GroupCommitOptions {
  readonly connection: SqliteConnection;
  /** Leaves of the audit tree as the database is now. */
  readonly treeSize: number;
  readonly limits: BatchLimits;
  readonly hashChildren: HashChildren;
  readonly report: (warning: StoreWarning) => void;
  readonly observe: (transaction: EndedTransaction) => void;
  readonly slowUnitMs: number;
  readonly unitLimitMs: number;
}

/** A unit in the queue. Running it answers how to tell its caller once the batch is durable. */
interface Waiting {
  run(unit: Unit): Promise<() => void>;
  readonly reject: (error: unknown) => void;
}
/** A unit that ran, successfully or not; its caller waits for the commit. */
interface Finished {
  readonly tell: () => void;
  readonly listeners: readonly (() => void)[];
  readonly appended: boolean;
}
/** Units of one transaction: how many of them began, and what is told after the commit. */
interface Batch {
  begun: number;
  finished: Finished[];
}

/** No batch waits longer than this for units that are still coming. */
const gatherMs = 2;

/**
 * Runs units one after the other, many to a commit: a batch is one `BEGIN IMMEDIATE`. Callers hear nothing before
 * COMMIT, not even a unit's own error, because what it saw may not last. A failed COMMIT fails the batch.
 *
 * Units seldom fail, and a savepoint around each copies every page that it touches. So a batch first runs without
 * them; when a unit throws, everything is rolled back and the same units run again, each in a savepoint of its own.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #watch: UnitWatch;
  #queue: Waiting[] = [];
  #running = false;
  #closed = false;
  #idle: (() => void)[] = [];
  /** Null after a COMMIT of unknown outcome: the next batch looks. */
  #treeSize: number | null;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#treeSize = options.treeSize;
    this.#watch = new UnitWatch(options);
  }

  /** Resolves with the unit's answer once it is durable. */
  write<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new CodedError('E_STORE', 'The database is closed.'));
    return new Promise((resolve, reject) => {
      this.#queue.push({
        async run(unit) {
          const value = await work(unit);
          return () => resolve(value);
        },
        reject,
      });
      if (this.#running) return;
      this.#running = true;
      this.#gather();
    });
  }

  /** Refuses new units and waits for those in the queue. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Before every batch lies a turn of the event loop, and another one as long as each brings more units: they collect units and let the rest of the process run. */
  #gather(until = performance.now() + gatherMs): void {
    const known = this.#queue.length;
    setImmediate(() => {
      const waiting = this.#queue.length;
      const more = waiting > known && waiting < this.#options.limits.maximumUnits;
      if (more && performance.now() < until) this.#gather(until);
      else void this.#runBatches();
    });
  }

  async #runBatches(): Promise<void> {
    await this.#runBatch();
    if (this.#queue.length > 0) return this.#gather();
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #runBatch(): Promise<void> {
    const { connection, limits, observe } = this.#options;
    const startedAt = performance.now();
    const taken = this.#queue.splice(0, limits.maximumUnits);
    const batch: Batch = { begun: 0, finished: [] };
    const stop = this.#watch.begin();
    let committing = false;
    let outcome: EndedTransaction['outcome'] = 'failed';
    try {
      connection.run('begin immediate');
      const sizeBefore = this.#treeSize ?? (await this.#audit().size()).treeSize;
      await this.#runTogether(taken, batch);
      const treeSize = batch.finished.some((each) => each.appended) ? await this.#growTree(sizeBefore) : sizeBefore;
      committing = true;
      connection.run('commit');
      this.#treeSize = treeSize;
      outcome = 'committed';
    } catch (error) {
      // When not even BEGIN worked, the units behind the first would fare no better.
      if (batch.begun === 0) batch.begun = taken.length;
      this.#failBatch(taken.slice(0, batch.begun), error, committing);
      batch.finished = [];
    } finally {
      stop();
    }
    observe({ outcome, units: batch.begun, retries: 0, durationMs: performance.now() - startedAt });
    this.#queue = [...taken.slice(batch.begun), ...this.#queue];
    for (const each of batch.finished) each.tell();
    callListeners(
      batch.finished.flatMap((each) => each.listeners),
      this.#options.report,
    );
  }

  /** Runs units until the batch's time is over, or until one throws. */
  async #runTogether(taken: readonly Waiting[], batch: Batch): Promise<void> {
    const { connection, limits } = this.#options;
    const endsAt = performance.now() + limits.maximumMs;
    for (const waiting of taken) {
      if (batch.begun > 0 && performance.now() >= endsAt) return;
      batch.begun += 1;
      try {
        batch.finished.push(await this.#runUnit(waiting));
      } catch (error) {
        // Some errors (a full disk, for one) end the whole transaction and with it the batch.
        if (!connection.inTransaction) throw error;
        // What saw durable state only has failed for good, and what never ends would not end the next time either.
        const failed = batch.begun === 1 || this.#watch.gaveUp ? refused(waiting, error) : null;
        connection.run('rollback');
        connection.run('begin immediate');
        await this.#runApart(taken.slice(0, batch.begun), batch, failed);
        return;
      }
    }
  }

  /** Runs units again, each in a savepoint, so that one that throws leaves the others alone. `failed` is the last one's end if it is known. */
  async #runApart(units: readonly Waiting[], batch: Batch, failed: Finished | null): Promise<void> {
    const { connection } = this.#options;
    batch.finished = [];
    for (const waiting of failed === null ? units : units.slice(0, -1)) {
      connection.execute(savepoint);
      try {
        const finished = await this.#runUnit(waiting);
        connection.execute(release);
        batch.finished.push(finished);
      } catch (error) {
        if (!connection.inTransaction) throw error;
        connection.execute(rollbackToSavepoint);
        connection.execute(release);
        batch.finished.push(refused(waiting, error));
      }
    }
    if (failed !== null) batch.finished.push(failed);
  }

  async #runUnit(waiting: Waiting): Promise<Finished> {
    const session = new SqliteSession(this.#options.connection);
    const unit = new UnitOfWork(session);
    try {
      const tell = await this.#watch.run(waiting.run(unit));
      session.requireIntact();
      return { tell, listeners: unit.listeners, appended: unit.audit.appended };
    } finally {
      session.end();
    }
  }

  /** Adds the tiles that the batch completed; answers the size of the tree. */
  async #growTree(from: number): Promise<number> {
    const audit = this.#audit();
    const { treeSize } = await audit.size();
    await addTiles(audit, this.#options.hashChildren, from, treeSize);
    return treeSize;
  }

  #failBatch(batch: readonly Waiting[], cause: unknown, committing: boolean): void {
    const { connection, report } = this.#options;
    const translated = translateSqliteError(cause);
    // An error of COMMIT that left no transaction may have come after the frames were written: they may last.
    const unknown = committing && !connection.inTransaction;
    if (unknown) this.#treeSize = null;
    try {
      if (connection.inTransaction) connection.run('rollback');
    } catch (error) {
      report({ kind: 'rollback_failed', error });
    }
    for (const { reject } of batch) reject(failureOf(unknown, translated));
  }

  #audit(): AuditRepository {
    return new UnitOfWork(new SqliteSession(this.#options.connection)).audit;
  }
}

/** What the caller of a unit hears whose batch failed. */
function failureOf(unknown: boolean, cause: unknown): CodedError {
  if (unknown) {
    const detail = { outcome: 'unknown', next: 'Ask again with the same request id to learn what happened.' };
    return new CodedError('E_STORE', 'It is not known whether the database committed.', detail, { cause });
  }
  const next = 'Nothing of it was kept; try again with the same request id.';
  if (isFull(cause)) {
    const detail = { volume: 'database', next: `Free space on the volume of the database. ${next}` };
    return new CodedError('E_STORE', 'The volume of the database is full.', detail, { cause });
  }
  return new CodedError('E_STORE', 'The database could not commit.', { next }, { cause });
}

function refused({ reject }: Waiting, error: unknown): Finished {
  const translated = translateSqliteError(error);
  return { tell: () => reject(translated), listeners: [], appended: false };
}

const savepoint = { sql: 'savepoint unit', parameters: [] };
const release = { sql: 'release unit', parameters: [] };
const rollbackToSavepoint = { sql: 'rollback to unit', parameters: [] };

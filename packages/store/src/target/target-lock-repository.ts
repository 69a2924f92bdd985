import type { TargetLock, TargetLockWrites } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import { Prepared } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `target_lock`: the primary key is the lock. */
export const TargetLockRow = z.object({
  target: z.string(),
  run_id: z.string(),
  operation_id: z.string(),
  acquired_at: integer,
});
export type TargetLockRow = z.input<typeof TargetLockRow>;

const table = new Table('target_lock', TargetLockRow, ['target']);
const releaseOne = new Prepared<{ target: string; run_id: string }>((db, parameter) =>
  db.deleteFrom('target_lock').where('target', '=', parameter('target')).where('run_id', '=', parameter('run_id')),
);
/** A holder may release between a refused insert and the look at it. */
const maximumTries = 3;

/** Which run holds which target. */
export class TargetLockRepository implements TargetLockWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async holder(target: string): Promise<TargetLock | null> {
    const row = await table.get(this.#session, { target });
    return row && lockOf(row);
  }

  async all(): Promise<TargetLock[]> {
    const query = this.#session.dialect.builder.selectFrom('target_lock').selectAll().orderBy('target');
    const { rows } = await this.#session.execute(query.compile());
    return rows.map((row) => lockOf(table.decode(row)));
  }

  async acquire(lock: TargetLock): Promise<TargetLock> {
    const { target, runId, operationId, acquiredAt } = lock;
    const row = { target, run_id: runId, operation_id: operationId, acquired_at: acquiredAt };
    for (let tries = 0; tries < maximumTries; tries++) {
      if (await table.insertNew(this.#session, row)) return lock;
      const holder = await table.lock(this.#session, { target });
      if (holder !== null) return lockOf(holder);
    }
    throw new CodedError('E_STORE', 'The lock of the target changes hands too fast.', { target });
  }

  async release(target: string, runId: string): Promise<void> {
    await this.#session.execute(releaseOne.bind(this.#session.dialect, { target, run_id: runId }));
  }
}

function lockOf(row: TargetLockRow): TargetLock {
  return { target: row.target, runId: row.run_id, operationId: row.operation_id, acquiredAt: row.acquired_at };
}

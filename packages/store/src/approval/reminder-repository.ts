import type { Reminder, ReminderWrites } from '@countersign/kernel';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `approval_reminder`. */
export const ReminderRow = z.object({
  operation_id: z.string(),
  revision: integer,
  reason: z.enum(['waiting', 'expiring']),
  at: integer,
});
export type ReminderRow = z.input<typeof ReminderRow>;

const table = new Table('approval_reminder', ReminderRow, ['operation_id', 'revision', 'reason']);

/** Of what people were reminded. */
export class ReminderRepository implements ReminderWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async stands({ operationId, revision, reason }: Omit<Reminder, 'at'>): Promise<boolean> {
    return (await table.get(this.#session, { operation_id: operationId, revision, reason })) !== null;
  }

  async claim({ operationId, revision, reason, at }: Reminder): Promise<boolean> {
    return await table.insertNew(this.#session, { operation_id: operationId, revision, reason, at });
  }
}

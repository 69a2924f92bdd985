import type { Confirmation, ConfirmationWrites } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import { preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `confirmation`. */
export const ConfirmationRow = z.object({
  hash: z.string(),
  operation_id: z.string(),
  principal: z.string(),
  kind: z.literal('confirm'),
  digest: z.string(),
  created_at: integer,
  expires_at: integer,
  used_at: integer.nullable(),
});
export type ConfirmationRow = z.input<typeof ConfirmationRow>;

const table = new Table('confirmation', ConfirmationRow, ['hash']);
const Count = z.object({ count: integer });

const unused = preparedSql<{ operation_id: string; now: number }>(
  (parameter) => sql`
    select count(*) as count from confirmation
    where operation_id = ${parameter('operation_id')} and used_at is null and expires_at > ${parameter('now')}`,
);
type Use = Pick<ConfirmationRow, 'hash' | 'operation_id' | 'principal' | 'kind' | 'digest'> & { readonly now: number };
// One statement compares and sets: whoever comes second finds used_at set.
const spend = preparedSql<Use>(
  (parameter) => sql`
    update confirmation set used_at = ${parameter('now')}
    where hash = ${parameter('hash')} and operation_id = ${parameter('operation_id')}
      and principal = ${parameter('principal')} and kind = ${parameter('kind')} and digest = ${parameter('digest')}
      and used_at is null and expires_at > ${parameter('now')}`,
);
const sweep = preparedSql<{ before: number }>(
  (parameter) => sql`delete from confirmation where expires_at < ${parameter('before')}`,
);

/** One-time tokens for confirming a plan. */
export class ConfirmationRepository implements ConfirmationWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async countUnused(operationId: string, now: number): Promise<number> {
    const query = unused.bind(this.#session.dialect, { operation_id: operationId, now });
    return Count.parse(await firstRow(this.#session, query)).count;
  }

  async insert(confirmation: Confirmation): Promise<void> {
    const { hash, operationId: operation_id, principal, kind, digest, createdAt, expiresAt } = confirmation;
    const times = { created_at: createdAt, expires_at: expiresAt, used_at: null };
    await table.insert(this.#session, { hash, operation_id, principal, kind, digest, ...times });
  }

  async redeem(
    { hash, operationId: operation_id, principal, kind, digest }: Parameters<ConfirmationWrites['redeem']>[0],
    now: number,
  ): Promise<boolean> {
    const query = spend.bind(this.#session.dialect, { hash, operation_id, principal, kind, digest, now });
    return (await this.#session.execute(query)).changes === 1;
  }

  async removeExpired(before: number): Promise<void> {
    await this.#session.execute(sweep.bind(this.#session.dialect, { before }));
  }
}

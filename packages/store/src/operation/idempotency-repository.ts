import type { IdempotencyRecord, IdempotencyWrites } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `idempotency`. */
export const IdempotencyRow = z.object({
  principal: z.string(),
  route: z.string(),
  key: z.string(),
  fingerprint: z.string(),
  operation_id: z.string(),
  created_at: integer,
});
export type IdempotencyRow = z.input<typeof IdempotencyRow>;

const table = new Table('idempotency', IdempotencyRow, ['principal', 'route', 'key']);

/** What request ids were used for first. */
export class IdempotencyRepository implements IdempotencyWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(principal: string, route: string, key: string): Promise<IdempotencyRecord | null> {
    const row = await table.get(this.#session, { principal, route, key });
    if (row === null) return null;
    const { operation_id: operationId, created_at: createdAt, fingerprint } = row;
    return { principal, route, key, fingerprint, operationId, createdAt };
  }

  async claim(record: IdempotencyRecord): Promise<IdempotencyRecord> {
    const { principal, route, key, fingerprint, operationId, createdAt } = record;
    const row = { principal, route, key, fingerprint, operation_id: operationId, created_at: createdAt };
    if (await table.insertNew(this.#session, row)) return record;
    const standing = await this.get(principal, route, key);
    if (standing === null) throw new CodedError('E_STORE', 'The request id was freed while it was claimed.');
    return standing;
  }

  async rebind(record: IdempotencyRecord, from: string): Promise<boolean> {
    const { principal, route, key, fingerprint, operationId, createdAt } = record;
    const standing = await table.lock(this.#session, { principal, route, key });
    if (standing?.operation_id !== from) return false;
    const row = { principal, route, key, fingerprint, operation_id: operationId, created_at: createdAt };
    return await table.update(this.#session, row);
  }
}

import type { SealedValue, SealedWrites } from '@countersign/kernel';
import { z } from 'zod';
import { bytes, integer } from '../codec/column.ts';
import { Prepared } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `sealed_value`. */
export const SealedValueRow = z.object({
  operation_id: z.string(),
  name: z.string(),
  nonce: bytes,
  ciphertext: bytes,
  created_at: integer,
});
export type SealedValueRow = z.input<typeof SealedValueRow>;

const table = new Table('sealed_value', SealedValueRow, ['operation_id', 'name']);
const ofOperation = new Prepared<{ operation_id: string }>((db, parameter) =>
  db.selectFrom('sealed_value').selectAll().where('operation_id', '=', parameter('operation_id')).orderBy('name'),
);
const deleteOfOperation = new Prepared<{ operation_id: string }>((db, parameter) =>
  db.deleteFrom('sealed_value').where('operation_id', '=', parameter('operation_id')),
);

/** Secrets at rest. */
export class SealedValueRepository implements SealedWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async list(operationId: string): Promise<SealedValue[]> {
    const statement = ofOperation.bind(this.#session.dialect, { operation_id: operationId });
    const { rows } = await this.#session.execute(statement);
    return rows.map((row) => {
      const { name, nonce, ciphertext, created_at: createdAt } = table.decode(row);
      return { name, operationId, nonce, ciphertext, createdAt };
    });
  }

  /** A name is the secret's HMAC: a second value of that name is the same secret, and the first stays. */
  async put(value: SealedValue): Promise<void> {
    const { name, operationId, nonce, ciphertext, createdAt } = value;
    const row = { operation_id: operationId, name, nonce, ciphertext, created_at: createdAt };
    await table.insertNew(this.#session, row);
  }

  async delete(operationId: string): Promise<void> {
    await this.#session.execute(deleteOfOperation.bind(this.#session.dialect, { operation_id: operationId }));
  }
}

import type { Enrolment, EnrolmentWrites } from '@countersign/kernel';
import { WorkerScope } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `enrolment`; `hash` is unique. */
export const EnrolmentRow = z.object({
  id: z.string(),
  hash: z.string(),
  worker: z.string(),
  worker_scope: json(WorkerScope),
  made_by: z.string(),
  created_at: integer,
  expires_at: integer,
  outcome: z.enum(['redeemed', 'revoked']).nullable(),
  keyid: z.string().nullable(),
  closed_at: integer.nullable(),
});
export type EnrolmentRow = z.input<typeof EnrolmentRow>;

const table = new Table('enrolment', EnrolmentRow, ['id']);
const byHash = new Prepared<{ hash: string }>((db, parameter) =>
  db.selectFrom('enrolment').selectAll().where('hash', '=', parameter('hash')),
);
const newest = preparedSql<{ most: number }>(
  (parameter) => sql`select * from enrolment order by created_at desc, id desc limit ${parameter('most')}`,
);
/** The condition is looked at again under the row's lock, so of concurrent units one changes it. */
const close = preparedSql<{ id: string; outcome: string; keyid: string | null; at: number }>(
  (parameter) => sql`
    update enrolment set outcome = ${parameter('outcome')}, keyid = ${parameter('keyid')}, closed_at = ${parameter('at')}
    where id = ${parameter('id')} and outcome is null`,
);

/** One-time secrets by which workers join. */
export class EnrolmentRepository implements EnrolmentWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async byHash(hash: string): Promise<Enrolment | null> {
    const row = await firstRow(this.#session, byHash.bind(this.#session.dialect, { hash }));
    return row === null ? null : enrolmentOf(table.decode(row));
  }

  async get(id: string): Promise<Enrolment | null> {
    const row = await table.get(this.#session, { id });
    return row && enrolmentOf(row);
  }

  async list(limit: number): Promise<Enrolment[]> {
    const { rows } = await this.#session.execute(newest.bind(this.#session.dialect, { most: limit }));
    return rows.map((row) => enrolmentOf(table.decode(row)));
  }

  async insert(enrolment: Enrolment): Promise<void> {
    const { id, hash, worker, outcome, keyid } = enrolment;
    await table.insert(this.#session, {
      id,
      hash,
      worker,
      worker_scope: jsonText(enrolment.scope),
      made_by: enrolment.madeBy,
      created_at: enrolment.createdAt,
      expires_at: enrolment.expiresAt,
      outcome,
      keyid,
      closed_at: enrolment.closedAt,
    });
  }

  async close(id: string, closing: Parameters<EnrolmentWrites['close']>[1]): Promise<boolean> {
    const { changes } = await this.#session.execute(close.bind(this.#session.dialect, { id, ...closing }));
    return changes > 0;
  }
}

function enrolmentOf(row: z.output<typeof EnrolmentRow>): Enrolment {
  const { id, hash, worker, outcome, keyid } = row;
  return {
    id,
    hash,
    worker,
    scope: row.worker_scope,
    madeBy: row.made_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    outcome,
    keyid,
    closedAt: row.closed_at,
  };
}

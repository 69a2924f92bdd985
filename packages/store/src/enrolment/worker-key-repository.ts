import type { WorkerKey, WorkerKeyWrites } from '@countersign/kernel';
import { WorkerScope } from '@countersign/protocol';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `worker_key`; `keyid` is unique. */
export const WorkerKeyRow = z.object({
  worker: z.string(),
  keyid: z.string(),
  public_key: z.string(),
  token_id: z.string(),
  worker_scope: json(WorkerScope),
  enrolled_at: integer,
});
export type WorkerKeyRow = z.input<typeof WorkerKeyRow>;

const table = new Table('worker_key', WorkerKeyRow, ['worker']);
const byKeyid = new Prepared<{ keyid: string }>((db, parameter) =>
  db.selectFrom('worker_key').selectAll().where('keyid', '=', parameter('keyid')),
);
const all = new Prepared<Record<never, never>>((db) => db.selectFrom('worker_key').selectAll().orderBy('worker'));

/** Keys of workers that joined. */
export class WorkerKeyRepository implements WorkerKeyWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async byKeyid(keyid: string): Promise<WorkerKey | null> {
    const row = await firstRow(this.#session, byKeyid.bind(this.#session.dialect, { keyid }));
    return row === null ? null : keyOf(table.decode(row));
  }

  async get(worker: string): Promise<WorkerKey | null> {
    const row = await table.get(this.#session, { worker });
    return row && keyOf(row);
  }

  async list(): Promise<WorkerKey[]> {
    const { rows } = await this.#session.execute(all.bind(this.#session.dialect, {}));
    return rows.map((row) => keyOf(table.decode(row)));
  }

  async put(key: WorkerKey): Promise<void> {
    await table.upsert(this.#session, {
      worker: key.worker,
      keyid: key.keyid,
      public_key: key.publicKey,
      token_id: key.tokenId,
      worker_scope: jsonText(key.scope),
      enrolled_at: key.enrolledAt,
    });
  }
}

function keyOf(row: z.output<typeof WorkerKeyRow>): WorkerKey {
  const { worker, keyid } = row;
  return {
    worker,
    keyid,
    publicKey: row.public_key,
    tokenId: row.token_id,
    scope: row.worker_scope,
    enrolledAt: row.enrolled_at,
  };
}

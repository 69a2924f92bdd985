import type { ManagedTargetRow, TargetWrites, WorkerLook } from '@countersign/kernel';
import { TargetSettings, Tier } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `target`. */
export const TargetRow = z.object({
  name: z.string(),
  project: z.string(),
  environment: z.string(),
  tier: Tier,
  connector: z.string(),
  worker: z.string(),
  settings: json(TargetSettings),
  revision: integer,
  changed_by: z.string(),
  changed_at: integer,
});
export type TargetRow = z.input<typeof TargetRow>;

/** Columns of `worker_look`. */
export const WorkerLookRow = z.object({ worker: z.string(), asked_at: integer, answered_at: integer });
export type WorkerLookRow = z.input<typeof WorkerLookRow>;

const table = new Table('target', TargetRow, ['name']);
const looks = new Table('worker_look', WorkerLookRow, ['worker']);
const all = new Prepared<Record<never, never>>((db) => db.selectFrom('target').selectAll().orderBy('name'));
const byWorker = new Prepared<{ worker: string }>((db, parameter) =>
  db.selectFrom('target').selectAll().where('worker', '=', parameter('worker')).orderBy('name'),
);
const removeOne = new Prepared<{ name: string }>((db, parameter) =>
  db.deleteFrom('target').where('name', '=', parameter('name')),
);

/** Who asks and who answers each write their own column. */
const ask = preparedSql<{ worker: string; at: number; none: number }>(
  (parameter) => sql`
    insert into worker_look (worker, asked_at, answered_at)
    values (${parameter('worker')}, ${parameter('at')}, ${parameter('none')})
    on conflict (worker) do update set asked_at = excluded.asked_at`,
);
const answer = preparedSql<{ worker: string; at: number }>(
  (parameter) => sql`
    update worker_look set answered_at = ${parameter('at')} where worker = ${parameter('worker')}`,
);

/** Targets that were added while the server ran. */
export class TargetRepository implements TargetWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(name: string): Promise<ManagedTargetRow | null> {
    const row = await table.get(this.#session, { name });
    return row && targetOf(row);
  }

  async lock(name: string): Promise<ManagedTargetRow | null> {
    const row = await table.lock(this.#session, { name });
    return row && targetOf(row);
  }

  async list(): Promise<ManagedTargetRow[]> {
    const { rows } = await this.#session.execute(all.bind(this.#session.dialect, {}));
    return rows.map((row) => targetOf(table.decode(row)));
  }

  async ofWorker(worker: string): Promise<ManagedTargetRow[]> {
    const { rows } = await this.#session.execute(byWorker.bind(this.#session.dialect, { worker }));
    return rows.map((row) => targetOf(table.decode(row)));
  }

  async insert(target: ManagedTargetRow): Promise<boolean> {
    return await table.insertNew(this.#session, rowOf(target));
  }

  async save(target: ManagedTargetRow): Promise<void> {
    await table.upsert(this.#session, rowOf(target));
  }

  async remove(name: string): Promise<void> {
    await this.#session.execute(removeOne.bind(this.#session.dialect, { name }));
  }

  async look(worker: string): Promise<WorkerLook> {
    const row = await looks.get(this.#session, { worker });
    return { askedAt: row?.asked_at ?? 0, answeredAt: row?.answered_at ?? 0 };
  }

  async askToLook(worker: string, at: number): Promise<void> {
    await this.#session.execute(ask.bind(this.#session.dialect, { worker, at, none: 0 }));
  }

  async answerLook(worker: string, at: number): Promise<void> {
    await this.#session.execute(answer.bind(this.#session.dialect, { worker, at }));
  }
}

function targetOf({
  changed_by: changedBy,
  changed_at: changedAt,
  ...row
}: z.output<typeof TargetRow>): ManagedTargetRow {
  return { ...row, changedBy, changedAt };
}

function rowOf({ changedBy, changedAt, settings, ...target }: ManagedTargetRow): TargetRow {
  return { ...target, settings: jsonText(settings), changed_by: changedBy, changed_at: changedAt };
}

import type { PlanRecord, PlanWrites } from '@countersign/kernel';
import { PlanBody, PlanError, Volatile } from '@countersign/protocol';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText, jsonTextOrNull } from '../codec/json-text.ts';
import { Prepared } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `plan`: one row a revision, never changed. */
export const PlanRow = z.object({
  operation_id: z.string(),
  revision: integer,
  state: z.enum(['ok', 'error']),
  digest: z.string().nullable(),
  body: json(PlanBody).nullable(),
  volatile: json(Volatile),
  error: json(PlanError).nullable(),
  worker: z.string(),
  created_at: integer,
});
export type PlanRow = z.input<typeof PlanRow>;
/** Columns of `plan_view`: which plan was shown to whom. */
export const PlanViewRow = z.object({
  operation_id: z.string(),
  principal: z.string(),
  revision: integer,
  digest: z.string(),
  shown_at: integer,
});
export type PlanViewRow = z.input<typeof PlanViewRow>;

const plans = new Table('plan', PlanRow, ['operation_id', 'revision']);
const views = new Table('plan_view', PlanViewRow, ['operation_id', 'principal', 'revision', 'digest']);

const lastShown = new Prepared<{ operation_id: string; principal: string }>((db, parameter) =>
  db
    .selectFrom('plan_view')
    .selectAll()
    .where('operation_id', '=', parameter('operation_id'))
    .where('principal', '=', parameter('principal'))
    .orderBy('revision', 'desc')
    .orderBy('shown_at', 'desc')
    .limit(1),
);

/** Plans and who saw them. */
export class PlanRepository implements PlanWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(operationId: string, revision: number): Promise<PlanRecord | null> {
    const row = await plans.get(this.#session, { operation_id: operationId, revision });
    if (row === null) return null;
    const { state, digest, body, volatile, error, worker, created_at: createdAt } = row;
    return { operationId, revision, state, digest, body, volatile, error, worker, createdAt };
  }

  async shownTo(operationId: string, principal: string) {
    const key = { operation_id: operationId, principal };
    const row = await firstRow(this.#session, lastShown.bind(this.#session.dialect, key));
    if (row === null) return null;
    const { revision, digest, shown_at: shownAt } = views.decode(row);
    return { revision, digest, shownAt };
  }

  async insert(plan: PlanRecord): Promise<void> {
    await plans.insert(this.#session, {
      operation_id: plan.operationId,
      revision: plan.revision,
      state: plan.state,
      digest: plan.digest,
      body: jsonTextOrNull(plan.body),
      volatile: jsonText(plan.volatile),
      error: jsonTextOrNull(plan.error),
      worker: plan.worker,
      created_at: plan.createdAt,
    });
  }

  async markShown(view: Parameters<PlanWrites['markShown']>[0]): Promise<boolean> {
    const { operationId, principal, revision, digest, shownAt } = view;
    return views.insertNew(this.#session, {
      operation_id: operationId,
      principal,
      revision,
      digest,
      shown_at: shownAt,
    });
  }
}

import type { Approval, ApprovalWrites } from '@countersign/kernel';
import { ApprovalStatement, DsseEnvelope, Verdict } from '@countersign/protocol';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared, preparedSql } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `approval`. Plan digest and time of issue stand beside the signed statement for queries. */
export const ApprovalRow = z.object({
  id: z.string(),
  operation_id: z.string(),
  principal: z.string(),
  plan_digest: z.string(),
  issued_at: integer,
  statement: json(ApprovalStatement),
  envelope: json(DsseEnvelope),
  verdict: json(Verdict),
  consumed_by_run: z.string().nullable(),
  voided_at: integer.nullable(),
});
export type ApprovalRow = z.input<typeof ApprovalRow>;

const table = new Table('approval', ApprovalRow, ['id']);

const byOperation = new Prepared<{ operation_id: string }>((db, parameter) =>
  db
    .selectFrom('approval')
    .selectAll()
    .where('operation_id', '=', parameter('operation_id'))
    .orderBy('issued_at')
    .orderBy('id'),
);
const consumeLive = new Prepared<{ operation_id: string; run_id: string }>((db, parameter) =>
  db
    .updateTable('approval')
    .set({ consumed_by_run: parameter('run_id') })
    .where('operation_id', '=', parameter('operation_id'))
    .where('consumed_by_run', 'is', null)
    .where('voided_at', 'is', null),
);
/** No digest is the empty text, so the empty text voids all. */
const voidLive = new Prepared<{ operation_id: string; keep_digest: string; at: number }>((db, parameter) =>
  db
    .updateTable('approval')
    .set({ voided_at: parameter('at') })
    .where('operation_id', '=', parameter('operation_id'))
    .where('plan_digest', '<>', parameter('keep_digest'))
    .where('consumed_by_run', 'is', null)
    .where('voided_at', 'is', null),
);
/** A person decides by a session or their own token, whose principal is their name, or by another token of theirs. */
function isOf(parameter: RawBuilder<string>): RawBuilder<boolean> {
  const root = sql`cast(${parameter} as text)`;
  const one = sql`'person:' || ${root}`;
  return sql`(principal = ${one} or substr(principal, 1, length(${root}) + 8) = ${one} || '/')`;
}
const waitingOn = preparedSql<{ root: string }>(
  (parameter) => sql`
    select distinct operation.id from approval join operation on operation.id = approval.operation_id
    where operation.state in ('planning', 'planned') and consumed_by_run is null and voided_at is null
      and ${isOf(parameter('root'))}
    order by operation.id`,
);
const voidOf = preparedSql<{ operation_id: string; root: string; at: number }>(
  (parameter) => sql`
    update approval set voided_at = ${parameter('at')}
    where operation_id = ${parameter('operation_id')} and consumed_by_run is null and voided_at is null
      and ${isOf(parameter('root'))}
    returning id`,
);
const IdRow = ApprovalRow.pick({ id: true });

/** Signed decisions. */
export class ApprovalRepository implements ApprovalWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async list(operationId: string): Promise<Approval[]> {
    const statement = byOperation.bind(this.#session.dialect, { operation_id: operationId });
    const { rows } = await this.#session.execute(statement);
    return rows.map((each) => {
      const row = table.decode(each);
      const { id, principal, statement, envelope, verdict, consumed_by_run: consumedByRun, voided_at: voidedAt } = row;
      return { id, operationId, principal, statement, envelope, verdict, consumedByRun, voidedAt };
    });
  }

  async waitingOn(root: string): Promise<string[]> {
    const { rows } = await this.#session.execute(waitingOn.bind(this.#session.dialect, { root }));
    return rows.map((row) => IdRow.parse(row).id);
  }

  async insert(approval: Approval): Promise<void> {
    await table.insert(this.#session, {
      id: approval.id,
      operation_id: approval.operationId,
      principal: approval.principal,
      plan_digest: approval.statement.plan_digest,
      issued_at: approval.statement.issued_at,
      statement: jsonText(approval.statement),
      envelope: jsonText(approval.envelope),
      verdict: jsonText(approval.verdict),
      consumed_by_run: approval.consumedByRun,
      voided_at: approval.voidedAt,
    });
  }

  async consume(operationId: string, runId: string): Promise<void> {
    const values = { operation_id: operationId, run_id: runId };
    await this.#session.execute(consumeLive.bind(this.#session.dialect, values));
  }

  async void(operationId: string, keepDigest: string | null, at: number): Promise<void> {
    const values = { operation_id: operationId, keep_digest: keepDigest ?? '', at };
    await this.#session.execute(voidLive.bind(this.#session.dialect, values));
  }

  async voidOf(operationId: string, root: string, at: number): Promise<number> {
    const values = { operation_id: operationId, root, at };
    return (await this.#session.execute(voidOf.bind(this.#session.dialect, values))).rows.length;
  }
}

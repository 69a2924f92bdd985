import type { BreakGlass, BreakGlassQuery, BreakGlassReview, BreakGlassWrites } from '@countersign/kernel';
import { BreakGlassStatement, DsseEnvelope } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `break_glass`. */
export const BreakGlassRow = z.object({
  operation_id: z.string(),
  broken_by: z.string(),
  root: z.string(),
  reason: z.string(),
  digest: z.string(),
  at: integer,
  stepped_up_at: integer,
  reviewed_by: z.string().nullable(),
  reviewer_root: z.string().nullable(),
  reviewed_at: integer.nullable(),
  finding: z.enum(['justified', 'not_justified']).nullable(),
  comment: z.string().nullable(),
  statement: json(BreakGlassStatement).nullable(),
  envelope: json(DsseEnvelope).nullable(),
});
export type BreakGlassRow = z.input<typeof BreakGlassRow>;

const table = new Table('break_glass', BreakGlassRow, ['operation_id']);
const Count = z.object({ count: integer });

const openCount = preparedSql<Record<never, never>>(
  () => sql`select count(*) as count from break_glass where reviewed_at is null`,
);
type Reviewed = { operation_id: string; by: string; root: string; at: number; finding: string; comment: string };
const addReview = preparedSql<Reviewed>(
  (parameter) => sql`
    update break_glass set reviewed_by = ${parameter('by')}, reviewer_root = ${parameter('root')},
      reviewed_at = ${parameter('at')}, finding = ${parameter('finding')}, comment = ${parameter('comment')}
    where operation_id = ${parameter('operation_id')} and reviewed_at is null`,
);

/** What was run past a freeze, a window or others' approval, and what others said of it. */
export class BreakGlassRepository implements BreakGlassWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(operationId: string): Promise<BreakGlass | null> {
    const row = await table.get(this.#session, { operation_id: operationId });
    return row && recordOf(row);
  }

  async list({ open, limit, grants }: BreakGlassQuery): Promise<BreakGlass[]> {
    if (grants.length === 0) return [];
    let query = this.#session.dialect.builder
      .selectFrom('break_glass')
      .innerJoin('operation', 'operation.id', 'break_glass.operation_id')
      .selectAll('break_glass')
      .orderBy('break_glass.at', 'desc')
      .orderBy('break_glass.operation_id', 'desc')
      .limit(limit);
    if (open) query = query.where('break_glass.reviewed_at', 'is', null);
    if (!grants.some(({ project, environment }) => project === '*' && environment === '*')) {
      query = query.where((where) =>
        where.or(
          grants.map(({ project, environment }) =>
            where.and([
              ...(project === '*' ? [] : [where('operation.project', '=', project)]),
              ...(environment === '*' ? [] : [where('operation.environment', '=', environment)]),
            ]),
          ),
        ),
      );
    }
    const { rows } = await this.#session.execute(query.compile());
    return rows.map((row) => recordOf(table.decode(row)));
  }

  async countOpen(): Promise<number> {
    return Count.parse(await firstRow(this.#session, openCount.bind(this.#session.dialect, {}))).count;
  }

  async insert({ operationId, by, root, reason, digest, at, steppedUpAt, signed }: BreakGlass): Promise<void> {
    const told = { operation_id: operationId, broken_by: by, root, reason, digest, at, stepped_up_at: steppedUpAt };
    const unreviewed = { reviewed_by: null, reviewer_root: null, reviewed_at: null, finding: null, comment: null };
    const statement = signed === null ? null : jsonText(signed.statement);
    const envelope = signed === null ? null : jsonText(signed.envelope);
    await table.insert(this.#session, { ...told, ...unreviewed, statement, envelope });
  }

  async review(operationId: string, review: BreakGlassReview): Promise<boolean> {
    const query = addReview.bind(this.#session.dialect, { operation_id: operationId, ...review });
    return (await this.#session.execute(query)).changes === 1;
  }
}

function recordOf(row: z.output<typeof BreakGlassRow>): BreakGlass {
  const { operation_id: operationId, broken_by: by, root, reason, digest, at, stepped_up_at: steppedUpAt } = row;
  const { statement, envelope } = row;
  const signed = statement === null || envelope === null ? null : { statement, envelope };
  const { reviewed_by, reviewer_root, reviewed_at, finding, comment } = row;
  const review: BreakGlassReview | null =
    reviewed_by === null || reviewer_root === null || reviewed_at === null || finding === null
      ? null
      : { by: reviewed_by, root: reviewer_root, at: reviewed_at, finding, comment: comment ?? '' };
  return { operationId, by, root, reason, digest, at, steppedUpAt, signed, review };
}

import type { AuditEntry, MeasuredPage } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { auditEntryOf } from '../audit/audit-row.ts';
import { searchText } from '../codec/column.ts';
import { preparedSql } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { measuredEventList } from '../migrations/0007-measure.ts';

const page = preparedSql<{ from: number; to: number; at: number; entry_id: string; limit: number }>(
  // SQLite would take the index by event and sort all of it for every page.
  (parameter, { name }) => sql`select leaf_index, text, leaf_hash
    from audit ${sql.raw(name === 'sqlite' ? 'indexed by audit_measured' : '')}
    where event in (${sql.raw(measuredEventList)}) and leaf_index is not null
      and at >= ${parameter('from')} and at < ${parameter('to')}
      and (at, entry_id) > (${parameter('at')}, ${parameter('entry_id')})
    order by at, entry_id limit ${parameter('limit')}`,
);
const Subject = z.object({ subject_id: z.string() });
const idsPerQuery = 500;

/** One page of the entries that success measures are computed from, by time. */
export async function measuredEntries(session: Session, query: MeasuredPage): Promise<AuditEntry[]> {
  const { fromAt: from, toAt: to, after, limit } = query;
  const { at, entryId: entry_id } = after ?? { at: -1, entryId: '' };
  const { rows } = await session.execute(page.bind(session.dialect, { from, to, at, entry_id, limit }));
  return rows.map(auditEntryOf);
}

/** Which of these operations have a sealed bundle, as the audit says. */
export async function sealedAmong(session: Session, operationIds: readonly string[]): Promise<string[]> {
  const sealed: string[] = [];
  for (let start = 0; start < operationIds.length; start += idsPerQuery) {
    const some = operationIds.slice(start, start + idsPerQuery).map(searchText);
    const query = session.dialect.builder
      .selectFrom('audit')
      .select('subject_id')
      .where('subject_id', 'in', some)
      .where('event', '=', 'evidence.sealed')
      .where('leaf_index', 'is not', null);
    const { rows } = await session.execute(query.compile());
    sealed.push(...rows.map((row) => Subject.parse(row).subject_id));
  }
  return sealed;
}

import type { ContentKind, KeptContent, RetentionWrites, ShortLivedRows, StorageUsage } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import { type Prepared, preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `kept_content`. */
export const KeptContentRow = z.object({
  kind: z.enum(['artifact', 'output']),
  id: z.string(),
  sha256: z.string(),
  size_bytes: integer,
  measured_at: integer,
  removed_at: integer.nullable(),
});
export type KeptContentRow = z.input<typeof KeptContentRow>;

const table = new Table('kept_content', KeptContentRow, ['kind', 'id']);
const Found = z.object({ id: z.string(), sha256: z.string(), size_bytes: integer });
const Id = z.object({ id: z.string() });
const Totals = z.object({
  database_bytes: integer,
  artifacts: integer,
  artifact_bytes: integer,
  outputs: integer,
  output_bytes: integer,
  removed: integer,
  removed_bytes: integer,
});

const databaseBytes = {
  sqlite: sql`(select page_count * page_size from pragma_page_count, pragma_page_size)`,
  postgres: sql`pg_database_size(current_database())`,
};
const usage = preparedSql<Record<never, never>>(
  (_parameter, { name }) => sql`
    select ${databaseBytes[name]} as database_bytes,
      (select count(*) from artifact)
        - (select count(*) from kept_content where kind = 'artifact' and removed_at is not null) as artifacts,
      cast((select coalesce(sum(size_bytes), 0) from artifact)
        - (select coalesce(sum(size_bytes), 0) from kept_content
           where kind = 'artifact' and removed_at is not null) as bigint) as artifact_bytes,
      (select count(*) from kept_content where kind = 'output' and removed_at is null) as outputs,
      cast((select coalesce(sum(size_bytes), 0) from kept_content
        where kind = 'output' and removed_at is null) as bigint) as output_bytes,
      (select count(*) from kept_content where removed_at is not null) as removed,
      cast((select coalesce(sum(size_bytes), 0) from kept_content
        where removed_at is not null) as bigint) as removed_bytes`,
);
/** A bundle that is still open is sealed from the stream, so its output must not go before. */
const unmeasured = preparedSql<{ limit: number }>(
  (parameter) => sql`
    select operation.id from operation
    where state = 'closed'
      and not exists (select 1 from kept_content where kind = 'output' and kept_content.id = operation.id)
      and not exists (select 1 from evidence
        where evidence.operation_id = operation.id and evidence.state in ('open', 'sealing')
          and exists (select 1 from run where run.operation_id = operation.id))
    order by operation.id limit ${parameter('limit')}`,
);
const removable: Record<ContentKind, Prepared<{ before: number; limit: number }>> = {
  artifact: preparedSql(
    (parameter) => sql`
      select artifact.id, artifact.sha256, artifact.size_bytes from artifact join run on run.id = artifact.run_id
      where run.ended_at < ${parameter('before')}
        and not exists (select 1 from kept_content where kind = 'artifact' and kept_content.id = artifact.id)
      order by artifact.id limit ${parameter('limit')}`,
  ),
  output: preparedSql(
    (parameter) => sql`
      select kept_content.id, kept_content.sha256, kept_content.size_bytes
      from kept_content join operation on operation.id = kept_content.id
      where kind = 'output' and removed_at is null and kept_content.size_bytes > 0
        and operation.updated_at < ${parameter('before')}
      order by kept_content.id limit ${parameter('limit')}`,
  ),
};
const standingArtifact = preparedSql<{ sha256: string }>(
  (parameter) => sql`
    select id from artifact where sha256 = ${parameter('sha256')}
      and not exists (select 1 from kept_content where kind = 'artifact' and kept_content.id = artifact.id) limit 1`,
);

type RemoveRows = Prepared<{ before: number; limit: number }>;
const removeRows: Record<ShortLivedRows, RemoveRows> = {
  // A key of an operation that still runs must answer that operation, however old it is.
  idempotency: preparedSql(
    (parameter) => sql`
      delete from idempotency where (principal, route, key) in (
        select principal, route, key from idempotency
        where created_at < ${parameter('before')} and not exists (
          select 1 from operation where operation.id = idempotency.operation_id and operation.state <> 'closed')
        limit ${parameter('limit')})`,
  ),
  // The fence of a subject rises over its jobs, so they stay until it is closed.
  job: preparedSql(
    (parameter) => sql`
      delete from job where id in (
        select id from job where state = 'done' and created_at < ${parameter('before')} and not exists (
          select 1 from operation where operation.id = job.subject_id and operation.state <> 'closed')
        limit ${parameter('limit')})`,
  ),
  plan_view: preparedSql(
    (parameter) => sql`
      delete from plan_view where (operation_id, principal, revision, digest) in (
        select operation_id, principal, revision, digest from plan_view
        where shown_at < ${parameter('before')} and not exists (
          select 1 from operation where operation.id = plan_view.operation_id and operation.state <> 'closed')
        limit ${parameter('limit')})`,
  ),
  // One an hour stays, and the newest.
  checkpoint: preparedSql(
    (parameter) => sql`
      delete from checkpoint where tree_size in (
        select tree_size from checkpoint as old where at < ${parameter('before')} and exists (
          select 1 from checkpoint as later
          where later.tree_size > old.tree_size and later.at / 3600000 = old.at / 3600000)
        limit ${parameter('limit')})`,
  ),
};

/** What is kept, what was taken, and the rows that only help while something is young. */
export class RetentionRepository implements RetentionWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async usage(): Promise<StorageUsage> {
    const row = Totals.parse(await firstRow(this.#session, usage.bind(this.#session.dialect, {})));
    return {
      databaseBytes: row.database_bytes,
      artifacts: { count: row.artifacts, sizeBytes: row.artifact_bytes },
      outputs: { count: row.outputs, sizeBytes: row.output_bytes },
      removed: { count: row.removed, sizeBytes: row.removed_bytes },
    };
  }

  async content(kind: ContentKind, id: string): Promise<KeptContent | null> {
    const row = await table.get(this.#session, { kind, id });
    return row && { kind, id, sha256: row.sha256, sizeBytes: row.size_bytes, removedAt: row.removed_at };
  }

  async unmeasured(limit: number): Promise<string[]> {
    const { rows } = await this.#session.execute(unmeasured.bind(this.#session.dialect, { limit }));
    return rows.map((row) => Id.parse(row).id);
  }

  async removable(kind: ContentKind, before: number, limit: number): Promise<KeptContent[]> {
    const { rows } = await this.#session.execute(removable[kind].bind(this.#session.dialect, { before, limit }));
    return rows.map((row) => {
      const { id, sha256, size_bytes: sizeBytes } = Found.parse(row);
      return { kind, id, sha256, sizeBytes, removedAt: null };
    });
  }

  async artifactStands(sha256: string): Promise<boolean> {
    return (await firstRow(this.#session, standingArtifact.bind(this.#session.dialect, { sha256 }))) !== null;
  }

  async saveContent({ kind, id, sha256, sizeBytes, removedAt }: KeptContent, at: number): Promise<void> {
    await table.upsert(this.#session, {
      kind,
      id,
      sha256,
      size_bytes: sizeBytes,
      measured_at: at,
      removed_at: removedAt,
    });
  }

  async removeRows(rows: ShortLivedRows, before: number, limit: number): Promise<number> {
    const statement = removeRows[rows].bind(this.#session.dialect, { before, limit });
    return (await this.#session.execute(statement)).changes;
  }
}

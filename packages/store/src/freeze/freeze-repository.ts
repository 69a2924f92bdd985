import type { Freeze, FreezeWrites } from '@countersign/kernel';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import { preparedSql } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `environment_freeze`. */
export const FreezeRow = z.object({
  project: z.string(),
  environment: z.string(),
  reason: z.string(),
  frozen_by: z.string(),
  created_at: integer,
  until: integer.nullable(),
});
export type FreezeRow = z.input<typeof FreezeRow>;

const table = new Table('environment_freeze', FreezeRow, ['project', 'environment']);
const standing = preparedSql<{ now: number }>(
  (parameter) => sql`
    select * from environment_freeze where until is null or until > ${parameter('now')} order by project, environment`,
);
const lift = preparedSql<{ project: string; environment: string }>(
  (parameter) => sql`
    delete from environment_freeze where project = ${parameter('project')} and environment = ${parameter('environment')}`,
);

/** Frozen environments. One that has ended stays as a row until it is replaced or lifted, and holds nothing. */
export class FreezeRepository implements FreezeWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async at(project: string, environment: string, now: number): Promise<Freeze | null> {
    const row = await table.get(this.#session, { project, environment });
    return row === null || (row.until !== null && row.until <= now) ? null : freezeOf(row);
  }

  async list(now: number): Promise<Freeze[]> {
    const { rows } = await this.#session.execute(standing.bind(this.#session.dialect, { now }));
    return rows.map((row) => freezeOf(table.decode(row)));
  }

  async put({ project, environment, reason, by, createdAt, until }: Freeze): Promise<void> {
    const row = { project, environment, reason, frozen_by: by, created_at: createdAt, until };
    await table.upsert(this.#session, row);
  }

  async remove(project: string, environment: string): Promise<boolean> {
    const query = lift.bind(this.#session.dialect, { project, environment });
    return (await this.#session.execute(query)).changes > 0;
  }
}

function freezeOf(row: z.output<typeof FreezeRow>): Freeze {
  const { project, environment, reason, frozen_by: by, created_at: createdAt, until } = row;
  return { project, environment, reason, by, createdAt, until };
}

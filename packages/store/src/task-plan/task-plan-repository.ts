import type { TaskPlan, TaskPlanWrites } from '@countersign/kernel';
import { JsonObject } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { preparedSql } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `task_plan`: one row a revision. */
export const TaskPlanRow = z.object({
  revision: integer,
  id: z.string(),
  title: json(z.string()),
  tasks: json(z.array(z.union([z.string(), JsonObject]))),
  status: z.string(),
  changed_by: z.string(),
  changed_at: integer,
});
export type TaskPlanRow = z.input<typeof TaskPlanRow>;

const table = new Table('task_plan', TaskPlanRow, ['revision']);
const newest = preparedSql<Record<never, never>>(() => sql`select * from task_plan order by revision desc limit 1`);

/** Revisions of the task list. */
export class TaskPlanRepository implements TaskPlanWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async active(): Promise<TaskPlan | null> {
    const row = await firstRow(this.#session, newest.bind(this.#session.dialect, {}));
    if (row === null) return null;
    const { changed_by: changedBy, changed_at: changedAt, ...rest } = table.decode(row);
    return { ...rest, changedBy, changedAt };
  }

  async insert({ revision, id, title, tasks, status, changedBy, changedAt }: TaskPlan): Promise<boolean> {
    const changed = { changed_by: changedBy, changed_at: changedAt };
    const row = { revision, id, title: jsonText(title), tasks: jsonText(tasks), status, ...changed };
    return await table.insertNew(this.#session, row);
  }
}

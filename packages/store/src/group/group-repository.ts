import type { GroupRecord, GroupWrites } from '@countersign/kernel';
import { CodedError, GroupState, WaveStop } from '@countersign/protocol';
import { sql } from 'kysely';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText, jsonTextOrNull } from '../codec/json-text.ts';
import { preparedSql } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `wave_group`. */
export const GroupRow = z.object({
  id: z.string(),
  state: GroupState,
  action: z.string(),
  labels: json(z.string()).nullable(),
  waves: json(z.array(z.array(z.strictObject({ opId: z.string(), target: z.string(), name: z.string() })))),
  begun: integer,
  requester: json(z.strictObject({ name: z.string(), root: z.string() })),
  start: json(
    z.strictObject({
      by: z.strictObject({ principal: z.string(), root: z.string(), ai: z.boolean() }),
      tokenId: z.string().nullable(),
      digests: z.record(z.string(), z.string()),
      correlationId: z.string(),
    }),
  ).nullable(),
  stop: json(WaveStop).nullable(),
  correlation_id: json(z.string()),
  created_at: integer,
  updated_at: integer,
});
export type GroupRow = z.input<typeof GroupRow>;

const table = new Table(
  'wave_group',
  GroupRow,
  ['id'],
  ['action', 'labels', 'waves', 'requester', 'correlation_id', 'created_at'],
);
const runningIds = preparedSql(() => sql`select id from wave_group where state = 'running' order by id`);
const IdRow = GroupRow.pick({ id: true });

/** Groups of operations that run in waves. */
export class GroupRepository implements GroupWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(id: string): Promise<GroupRecord | null> {
    const row = await table.get(this.#session, { id });
    return row && groupOf(row);
  }

  async lock(id: string): Promise<GroupRecord | null> {
    const row = await table.lock(this.#session, { id });
    return row && groupOf(row);
  }

  async running(): Promise<string[]> {
    const { rows } = await this.#session.execute(runningIds.bind(this.#session.dialect, {}));
    return rows.map((row) => IdRow.parse(row).id);
  }

  async insert(group: GroupRecord): Promise<void> {
    await table.insert(this.#session, rowOf(group));
  }

  /** Writes everything but what is given for good at creation. */
  async save(group: GroupRecord): Promise<void> {
    if (await table.update(this.#session, rowOf(group))) return;
    throw new CodedError('E_INTERNAL', `There is no group ${group.id} to save.`);
  }
}

function groupOf({ correlation_id, created_at, updated_at, ...row }: z.output<typeof GroupRow>): GroupRecord {
  return { ...row, correlationId: correlation_id, createdAt: created_at, updatedAt: updated_at };
}

function rowOf({ correlationId, createdAt, updatedAt, ...group }: GroupRecord): GroupRow {
  return {
    ...group,
    labels: jsonTextOrNull(group.labels),
    waves: jsonText(group.waves),
    requester: jsonText(group.requester),
    start: jsonTextOrNull(group.start),
    stop: jsonTextOrNull(group.stop),
    correlation_id: jsonText(correlationId),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

import type { WorkerRecord, WorkerWrites } from '@countersign/kernel';
import { ConnectorManifest, WorkerTarget } from '@countersign/protocol';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';
import { Prepared } from '../database/prepared.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `worker`. */
export const WorkerRow = z.object({
  worker: z.string(),
  instance: z.string(),
  version: json(z.string()),
  targets: json(z.array(WorkerTarget)),
  manifests: json(z.array(ConnectorManifest)),
  registered_at: integer,
  last_seen_at: integer,
});
export type WorkerRow = z.input<typeof WorkerRow>;

const table = new Table('worker', WorkerRow, ['worker']);
const allWorkers = new Prepared<Record<never, never>>((db) => db.selectFrom('worker').selectAll().orderBy('worker'));
const noteSeen = new Prepared<{ worker: string; at: number }>((db, parameter) =>
  db
    .updateTable('worker')
    .set({ last_seen_at: parameter('at') })
    .where('worker', '=', parameter('worker')),
);

/** Workers as they registered. */
export class WorkerRepository implements WorkerWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(worker: string): Promise<WorkerRecord | null> {
    const row = await table.get(this.#session, { worker });
    return row && recordOf(row);
  }

  async list(): Promise<WorkerRecord[]> {
    const { rows } = await this.#session.execute(allWorkers.bind(this.#session.dialect, {}));
    return rows.map((row) => recordOf(table.decode(row)));
  }

  async put(record: WorkerRecord): Promise<void> {
    await table.upsert(this.#session, {
      worker: record.worker,
      instance: record.instance,
      version: jsonText(record.version),
      targets: jsonText(record.targets),
      manifests: jsonText(record.manifests),
      registered_at: record.registeredAt,
      last_seen_at: record.lastSeenAt,
    });
  }

  async seen(worker: string, at: number): Promise<void> {
    await this.#session.execute(noteSeen.bind(this.#session.dialect, { worker, at }));
  }
}

function recordOf(row: z.output<typeof WorkerRow>): WorkerRecord {
  const { worker, instance, version, targets, manifests } = row;
  return {
    worker,
    instance,
    version,
    targets,
    manifests,
    registeredAt: row.registered_at,
    lastSeenAt: row.last_seen_at,
  };
}

import type { CheckpointExport, CheckpointExportWrites } from '@countersign/kernel';
import { z } from 'zod';
import { integer } from '../codec/column.ts';
import type { Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `checkpoint_export`. */
export const CheckpointExportRow = z.object({
  sink: z.string(),
  kind: z.enum(['file', 'git', 'webhook']),
  tree_size: integer,
  root_hash: z.string(),
  state: z.enum(['ok', 'failing']),
  failures: integer,
  error: z.string().nullable(),
  changed_at: integer,
  exported_at: integer.nullable(),
});
export type CheckpointExportRow = z.input<typeof CheckpointExportRow>;

const table = new Table('checkpoint_export', CheckpointExportRow, ['sink']);

/** How far each sink has the log's checkpoints. */
export class CheckpointExportRepository implements CheckpointExportWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(sink: string): Promise<CheckpointExport | null> {
    const row = await table.get(this.#session, { sink });
    return row && recordOf(row);
  }

  async lock(sink: string): Promise<CheckpointExport | null> {
    const row = await table.lock(this.#session, { sink });
    return row && recordOf(row);
  }

  async save(record: CheckpointExport): Promise<void> {
    const { sink, kind, state, failures, error } = record;
    await table.upsert(this.#session, {
      sink,
      kind,
      tree_size: record.treeSize,
      root_hash: record.rootHash,
      state,
      failures,
      error,
      changed_at: record.changedAt,
      exported_at: record.exportedAt,
    });
  }
}

function recordOf(row: z.output<typeof CheckpointExportRow>): CheckpointExport {
  const { sink, kind, state, failures, error } = row;
  return {
    sink,
    kind,
    treeSize: row.tree_size,
    rootHash: row.root_hash,
    state,
    failures,
    error,
    changedAt: row.changed_at,
    exportedAt: row.exported_at,
  };
}

import type { EvidenceFile, EvidenceRecord, EvidenceWrites } from '@countersign/kernel';
import { CodedError, EvidenceState } from '@countersign/protocol';
import { z } from 'zod';
import { bytes, integer } from '../codec/column.ts';
import { Prepared } from '../database/prepared.ts';
import { firstRow, type Session } from '../database/statement.ts';
import { Table } from '../database/table.ts';

/** Columns of `evidence`. */
export const EvidenceRow = z.object({
  bundle_id: z.string(),
  operation_id: z.string(),
  state: EvidenceState,
  manifest_hash: z.string().nullable(),
  audit_entry_id: z.string().nullable(),
  folder: z.string().nullable(),
  sealed_at: integer.nullable(),
});
export type EvidenceRow = z.input<typeof EvidenceRow>;
/** Columns of `evidence_file`. */
export const EvidenceFileRow = z.object({ bundle_id: z.string(), path: z.string(), content: bytes });
export type EvidenceFileRow = z.input<typeof EvidenceFileRow>;

const bundles = new Table('evidence', EvidenceRow, ['bundle_id'], ['operation_id']);
const files = new Table('evidence_file', EvidenceFileRow, ['bundle_id', 'path']);
const bundleByOperation = new Prepared<{ operation_id: string }>((db, parameter) =>
  db.selectFrom('evidence').selectAll().where('operation_id', '=', parameter('operation_id')),
);
const filesOfBundle = new Prepared<{ bundle_id: string }>((db, parameter) =>
  db.selectFrom('evidence_file').selectAll().where('bundle_id', '=', parameter('bundle_id')).orderBy('path'),
);

/** Bundles and their files. */
export class EvidenceRepository implements EvidenceWrites {
  readonly #session: Session;
  constructor(session: Session) {
    this.#session = session;
  }

  async get(bundleId: string): Promise<EvidenceRecord | null> {
    const row = await bundles.get(this.#session, { bundle_id: bundleId });
    return row && recordOf(row);
  }

  async byOperation(operationId: string): Promise<EvidenceRecord | null> {
    const statement = bundleByOperation.bind(this.#session.dialect, { operation_id: operationId });
    const row = await firstRow(this.#session, statement);
    return row === null ? null : recordOf(bundles.decode(row));
  }

  async files(bundleId: string): Promise<EvidenceFile[]> {
    const { rows } = await this.#session.execute(filesOfBundle.bind(this.#session.dialect, { bundle_id: bundleId }));
    return rows.map((row) => {
      const { path, content } = files.decode(row);
      return { path, content };
    });
  }

  /** Oldest first. */
  async inState(states: readonly EvidenceState[], limit: number, after = ''): Promise<EvidenceRecord[]> {
    if (states.length === 0) return [];
    const query = this.#session.dialect.builder
      .selectFrom('evidence')
      .selectAll()
      .where('state', 'in', states)
      .where('bundle_id', '>', after)
      .orderBy('bundle_id')
      .limit(limit);
    const { rows } = await this.#session.execute(query.compile());
    return rows.map((row) => recordOf(bundles.decode(row)));
  }

  async page(afterBundleId: string, limit: number): Promise<EvidenceRecord[]> {
    const query = this.#session.dialect.builder
      .selectFrom('evidence')
      .selectAll()
      .where('bundle_id', '>', afterBundleId)
      .orderBy('bundle_id')
      .limit(limit);
    const { rows } = await this.#session.execute(query.compile());
    return rows.map((row) => recordOf(bundles.decode(row)));
  }

  async insert(record: EvidenceRecord): Promise<void> {
    await bundles.insert(this.#session, rowOf(record));
  }

  async save(record: EvidenceRecord): Promise<void> {
    if (!(await bundles.update(this.#session, rowOf(record)))) {
      throw new CodedError('E_INTERNAL', `There is no bundle ${record.bundleId} to save.`);
    }
  }

  /** Writes a file or replaces it. */
  async putFile(bundleId: string, file: EvidenceFile): Promise<void> {
    await files.upsert(this.#session, { bundle_id: bundleId, path: file.path, content: file.content });
  }
}

function recordOf(row: EvidenceRow): EvidenceRecord {
  const { state, folder, bundle_id: bundleId, operation_id: operationId, manifest_hash: manifestHash } = row;
  return {
    bundleId,
    operationId,
    state,
    manifestHash,
    auditEntryId: row.audit_entry_id,
    folder,
    sealedAt: row.sealed_at,
  };
}

function rowOf(record: EvidenceRecord): EvidenceRow {
  return {
    bundle_id: record.bundleId,
    operation_id: record.operationId,
    state: record.state,
    manifest_hash: record.manifestHash,
    audit_entry_id: record.auditEntryId,
    folder: record.folder,
    sealed_at: record.sealedAt,
  };
}

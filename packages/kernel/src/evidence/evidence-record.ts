import type { EvidenceState } from '@countersign/protocol';

/** One bundle. The database is the source: files are kept as text, the folder is an export. */
export interface EvidenceRecord {
  readonly bundleId: string;
  readonly operationId: string;
  readonly state: EvidenceState;
  readonly manifestHash: string | null;
  /** Audit entry of the sealing, whose leaf the tlog-proof proves. */
  readonly auditEntryId: string | null;
  readonly folder: string | null;
  readonly sealedAt: number | null;
}
export interface EvidenceFile {
  readonly path: string;
  readonly content: Uint8Array;
}
export interface EvidenceReads {
  get(bundleId: string): Promise<EvidenceRecord | null>;
  byOperation(operationId: string): Promise<EvidenceRecord | null>;
  files(bundleId: string): Promise<EvidenceFile[]>;
  /** In order of id, from after the given one. */
  page(afterBundleId: string, limit: number): Promise<EvidenceRecord[]>;
  /** By bundle id, which is oldest first; only those after `after` where it is given. */
  inState(states: readonly EvidenceState[], limit: number, after?: string): Promise<EvidenceRecord[]>;
}
export interface EvidenceWrites extends EvidenceReads {
  insert(record: EvidenceRecord): Promise<void>;
  save(record: EvidenceRecord): Promise<void>;
  putFile(bundleId: string, file: EvidenceFile): Promise<void>;
}

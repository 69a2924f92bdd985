import type { AuditBody } from '@countersign/protocol';

export interface AuditFilter {
  readonly actor?: string;
  /** Any of these events. */
  readonly events?: readonly string[];
  readonly subjectId?: string;
  /** About an operation on a target that all of these name. */
  readonly project?: string;
  readonly environment?: string;
  readonly target?: string;
  readonly outcome?: AuditBody['outcome'];
  readonly fromAt?: number;
  readonly untilAt?: number;
  /** Only leaves after this index. */
  readonly afterIndex?: number;
  /** Only leaves before this index. */
  readonly beforeIndex?: number;
  /** Oldest first where left out. */
  readonly order?: 'oldest' | 'newest';
  readonly limit: number;
}
export interface AuditEntry {
  readonly leafIndex: number | null;
  readonly body: AuditBody;
  /** The canonical JSON that was hashed. */
  readonly text: string;
  /** RFC 6962 leaf hash, hex. */
  readonly leafHash: string;
}
/** A signed tree head. `frontier` are the hashes (hex) of the complete subtrees, for appending. */
export interface Checkpoint {
  readonly treeSize: number;
  readonly rootHash: string;
  readonly frontier: readonly string[];
  readonly note: string;
  readonly at: number;
}

/** A page of the entries that success measures are computed from, in the order of time. Times in epoch milliseconds. */
export interface MeasuredPage {
  readonly fromAt: number;
  /** Exclusive. */
  readonly toAt: number;
  /** The last entry of the page before; null for the first page. */
  readonly after: { readonly at: number; readonly entryId: string } | null;
  readonly limit: number;
}

export interface AuditReads {
  get(entryId: string): Promise<AuditEntry | null>;
  query(filter: AuditFilter): Promise<AuditEntry[]>;
  /** Entries of the measured events that have a leaf index. */
  measured(page: MeasuredPage): Promise<AuditEntry[]>;
  /** Which of these operations the log says have a sealed bundle. */
  sealedAmong(operationIds: readonly string[]): Promise<string[]>;
  /** Leaf hashes (hex) by index, `from` inclusive, `to` exclusive. */
  leafHashes(from: number, to: number): Promise<string[]>;
  /** Hash of the complete subtree of 256^level leaves at `index`, hex; levels >= 1 only. */
  tile(level: number, index: number): Promise<string | null>;
  /** The same for neighbours, `from` inclusive, `to` exclusive, in order; shorter where some are not there. */
  tiles(level: number, from: number, to: number): Promise<string[]>;
  /** Leaves as they were hashed, by index, `from` inclusive, `to` exclusive; nothing of them is parsed. */
  leafTexts(from: number, to: number): Promise<{ leafIndex: number; text: string }[]>;
  /** Leaves with an index, and entries still without. */
  size(): Promise<{ treeSize: number; unsequenced: number }>;
  latestCheckpoint(): Promise<Checkpoint | null>;
  checkpointFor(treeSize: number): Promise<Checkpoint | null>;
}
export interface AuditWrites extends AuditReads {
  /** Stores an entry. The sequencer gives its leaf index after the commit; where units are serial it has one at once. */
  append(entry: Omit<AuditEntry, 'leafIndex'>): Promise<void>;
  /** Sequencer only, under its lock: gives the next indexes to up to `limit` entries in time order. Answers them. */
  sequence(limit: number): Promise<{ leafIndex: number; leafHash: string }[]>;
  addTile(level: number, index: number, hash: string): Promise<void>;
  addCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** Adds it, or replaces the one of that size by one with more signatures. */
  cosignCheckpoint(checkpoint: Checkpoint): Promise<void>;
}

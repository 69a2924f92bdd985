/** What retention may take: the digest of it stays. */
export type ContentKind = 'artifact' | 'output';

/** Content that can be taken, oldest first. `id` is an artifact's, or the operation's whose output it is. */
export interface KeptContent {
  readonly kind: ContentKind;
  readonly id: string;
  /** 64 hex digits over the bytes; of an output, over its chunks in order. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly removedAt: number | null;
}

/** Rows that only help while something is young. */
export type ShortLivedRows = 'idempotency' | 'job' | 'plan_view' | 'checkpoint';

/** How much an installation keeps. */
export interface StorageUsage {
  /** Whole database with its indexes. */
  readonly databaseBytes: number;
  readonly artifacts: { readonly count: number; readonly sizeBytes: number };
  /** Output of closed operations that was measured. */
  readonly outputs: { readonly count: number; readonly sizeBytes: number };
  readonly removed: { readonly count: number; readonly sizeBytes: number };
}

export interface RetentionReads {
  usage(): Promise<StorageUsage>;
  /** Null when it was never removed nor measured. */
  content(kind: ContentKind, id: string): Promise<KeptContent | null>;
  /** Closed operations whose evidence is sealed, or that need none, and whose output was not measured yet; oldest first. */
  unmeasured(limit: number): Promise<string[]>;
  /** Content that stands, of operations that ended before the time; oldest first. */
  removable(kind: ContentKind, endedBefore: number, limit: number): Promise<KeptContent[]>;
  /** Whether an artifact that stands has these bytes. */
  artifactStands(sha256: string): Promise<boolean>;
}
export interface RetentionWrites extends RetentionReads {
  saveContent(content: KeptContent, at: number): Promise<void>;
  /** Deletes rows of that kind that are older, at most `limit`; answers how many. Nothing that is open loses any. */
  removeRows(rows: ShortLivedRows, before: number, limit: number): Promise<number>;
}

import type { BreakGlassStatement, DsseEnvelope, Grant } from '@countersign/protocol';

/** What another person says afterwards about broken glass. */
export interface BreakGlassReview {
  readonly by: string;
  readonly root: string;
  readonly at: number;
  readonly finding: 'justified' | 'not_justified';
  readonly comment: string;
}

/** One person's word that an operation must run now, past freeze, window and others' approval. */
export interface BreakGlass {
  readonly operationId: string;
  readonly by: string;
  readonly root: string;
  readonly reason: string;
  readonly digest: string;
  readonly at: number;
  readonly steppedUpAt: number;
  /** The word as it was signed; what has none allows nothing. */
  readonly signed: { readonly statement: BreakGlassStatement; readonly envelope: DsseEnvelope } | null;
  /** Null until another person has reviewed it. */
  readonly review: BreakGlassReview | null;
}
/** What to list: `open` keeps those that nobody has reviewed; `grants` keeps what stands at those places. */
export interface BreakGlassQuery {
  readonly open: boolean;
  readonly limit: number;
  readonly grants: readonly Pick<Grant, 'project' | 'environment'>[];
}
export interface BreakGlassReads {
  get(operationId: string): Promise<BreakGlass | null>;
  /** Newest first. */
  list(query: BreakGlassQuery): Promise<BreakGlass[]>;
  countOpen(): Promise<number>;
}
export interface BreakGlassWrites extends BreakGlassReads {
  /** Fails the unit when the operation has one already. */
  insert(record: BreakGlass): Promise<void>;
  /** Adds the review; false when there is one already. */
  review(operationId: string, review: BreakGlassReview): Promise<boolean>;
}

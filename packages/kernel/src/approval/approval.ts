import type { ApprovalStatement, DsseEnvelope, Verdict } from '@countersign/protocol';

/** A signed decision of a person. */
export interface Approval {
  readonly id: string;
  readonly operationId: string;
  readonly principal: string;
  readonly statement: ApprovalStatement;
  readonly envelope: DsseEnvelope;
  /** The verdict whose digest the statement carries, for the bundle. */
  readonly verdict: Verdict;
  readonly consumedByRun: string | null;
  readonly voidedAt: number | null;
}

export interface ApprovalReads {
  /** In the order they were given. */
  list(operationId: string): Promise<Approval[]>;
  /** Operations that have not run and on which a live decision of this person stands, oldest first. */
  waitingOn(root: string): Promise<string[]>;
}
export interface ApprovalWrites extends ApprovalReads {
  insert(approval: Approval): Promise<void>;
  /** Spends every live approval of the operation on a run. */
  consume(operationId: string, runId: string): Promise<void>;
  /** Voids live approvals whose digest differs from `keepDigest` (all when null). */
  void(operationId: string, keepDigest: string | null, at: number): Promise<void>;
  /** Voids one person's live decisions on an operation; answers how many. */
  voidOf(operationId: string, root: string, at: number): Promise<number>;
}

import type { ClosedReason, Effect, Grant, OperationState, StartMode, Verdict } from '@countersign/protocol';
import type { Operation } from './operation.ts';

export interface OperationFilter {
  readonly states?: readonly OperationState[];
  readonly project?: string;
  readonly environment?: string;
  readonly target?: string;
  readonly start?: StartMode;
  readonly effects?: readonly Effect[];
  /** Only those that were proposed together under this id. */
  readonly group?: string;
  /** Only those with a run that was made at this time, in epoch ms, or later. */
  readonly ranSince?: number;
  /** Only those that were closed for one of these reasons. */
  readonly closedReasons?: readonly ClosedReason[];
  /** Only those that changed after this time, in epoch ms. */
  readonly updatedAfter?: number;
  /** Only those whose last verdict was this. */
  readonly decision?: Verdict['decision'];
  /** Only those without a run. */
  readonly unstarted?: true;
  /** Only operations created before this one's id (ids are time-ordered), for paging newest first. */
  readonly beforeId?: string;
  /** Only operations at targets where one of these holds; all of them when left out. */
  readonly grants?: readonly Pick<Grant, 'project' | 'environment'>[];
  readonly limit: number;
}

/** Operations that are not closed, in one state. */
export interface OpenOperations {
  readonly state: OperationState;
  readonly count: number;
  /** When the oldest was made, in epoch ms. */
  readonly oldestAt: number;
}

export interface OperationReads {
  get(id: string): Promise<Operation | null>;
  list(filter: OperationFilter): Promise<Operation[]>;
  /** The same without a look at the rows: one that cannot be read is among them. */
  listIds(filter: OperationFilter): Promise<string[]>;
  /** Newest operation that rolls this one back and is not closed without having run. */
  rollbackOf(id: string): Promise<Operation | null>;
  /** Operations that are not closed, by state; costs as much as is open. */
  open(): Promise<OpenOperations[]>;
}
export interface OperationWrites extends OperationReads {
  insert(operation: Operation): Promise<void>;
  /** Reads one row and locks it until the unit ends: every command on an operation begins here. */
  lock(id: string): Promise<Operation | null>;
  save(operation: Operation): Promise<void>;
}

/** What a key was used for first. */
export interface IdempotencyRecord {
  readonly principal: string;
  readonly route: string;
  readonly key: string;
  /** Digest of the body. */
  readonly fingerprint: string;
  /** The operation it made or started. */
  readonly operationId: string;
  readonly createdAt: number;
}
export interface IdempotencyReads {
  get(principal: string, route: string, key: string): Promise<IdempotencyRecord | null>;
}
export interface IdempotencyWrites extends IdempotencyReads {
  /** Inserts unless the key is taken; waits for a concurrent unit that holds it. Answers the record that stands. */
  claim(record: IdempotencyRecord): Promise<IdempotencyRecord>;
  /** Gives a key to another operation, if it still stands for `from`; false where it does not. */
  rebind(record: IdempotencyRecord, from: string): Promise<boolean>;
}

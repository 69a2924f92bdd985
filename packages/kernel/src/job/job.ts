import type { Json } from '@countersign/protocol';

/** Kinds of work. Workers claim `plan`, `run`, `read`, `reconcile`; the server keeps the others. */
export type JobKind = 'plan' | 'run' | 'read' | 'reconcile' | 'seal' | 'generate' | 'chat' | 'workflow';
export type JobState = 'queued' | 'claimed' | 'done';

/** One piece of work, leased to one worker instance at a time. */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  /** What it is about: the operation's id for all kinds so far. */
  readonly subjectId: string;
  readonly target: string | null;
  readonly state: JobState;
  readonly attempt: number;
  /** Rises with each claim; a writer with an older fence is refused. */
  readonly fence: number;
  readonly leaseWorker: string | null;
  readonly leaseInstance: string | null;
  readonly leaseExpiresAt: number | null;
  readonly runAfter: number;
  readonly payload: Json;
  readonly createdAt: number;
}

export interface JobHold {
  readonly jobId: string;
  readonly fence: number;
  readonly instance: string;
}
export interface ClaimQuery {
  readonly kinds: readonly JobKind[];
  /** Target names this claimer serves; null claims jobs of any or no target. */
  readonly targets: readonly string[] | null;
  readonly worker: string;
  readonly instance: string;
  readonly leaseMs: number;
}

/** Jobs that wait to be claimed, of one kind in one queue. */
export interface JobQueue {
  readonly kind: JobKind;
  /** The target's name, or where an agent asks; null for jobs of no target. */
  readonly queue: string | null;
  readonly count: number;
  /** When the oldest was made, in epoch ms. */
  readonly oldestAt: number;
}

export interface JobReads {
  get(id: string): Promise<Job | null>;
  /** The newest unfinished job of a kind on a subject. */
  open(subjectId: string, kind: JobKind): Promise<Job | null>;
  /** The highest fence that any job of a kind on a subject ever had; 0 when there was none. */
  lastFence(subjectId: string, kind: JobKind): Promise<number>;
  /** What waits, by kind and queue; costs as much as waits, whatever was ever done. */
  queues(): Promise<JobQueue[]>;
}
export interface JobWrites extends JobReads {
  insert(job: Job): Promise<void>;
  /** Claims the oldest due queued job: state, fence + 1, attempt + 1, lease. Skips rows other claimers hold. Lease times by the database's clock. */
  claim(query: ClaimQuery): Promise<Job | null>;
  /** The job if this hold is still good (claimed, same fence, same instance, lease not expired), locked until the unit ends. */
  held(hold: JobHold): Promise<Job | null>;
  /** Extends the lease; false when the hold is lost. */
  extend(hold: JobHold, leaseMs: number): Promise<boolean>;
  finish(id: string): Promise<void>;
  /** Back to queued, claimable after `delayMs`. */
  requeue(id: string, delayMs: number): Promise<void>;
  finishAll(subjectId: string, kinds: readonly JobKind[]): Promise<void>;
  /** Claimed jobs whose lease ran out by the database's clock. */
  expired(limit: number): Promise<Job[]>;
  /** Claimed jobs of other, older instances of this worker: their leases are void at once. */
  ofOlderInstances(worker: string, instance: string): Promise<Job[]>;
}

/** Who holds a target: one run at a time. */
export interface TargetLock {
  readonly target: string;
  readonly runId: string;
  readonly operationId: string;
  readonly acquiredAt: number;
}
export interface TargetLockReads {
  holder(target: string): Promise<TargetLock | null>;
  all(): Promise<TargetLock[]>;
}
export interface TargetLockWrites extends TargetLockReads {
  /** Takes the lock, or answers who holds it (the same run may take it again). */
  acquire(lock: TargetLock): Promise<TargetLock>;
  release(target: string, runId: string): Promise<void>;
}

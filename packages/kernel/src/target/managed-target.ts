import type { TargetRef, TargetSettings } from '@countersign/protocol';

/** A target that was added while the server ran. Its settings hold no secret. */
export interface ManagedTargetRow extends TargetRef {
  /** The worker that serves it. */
  readonly worker: string;
  readonly settings: TargetSettings;
  readonly revision: number;
  readonly changedBy: string;
  readonly changedAt: number;
}
export interface WorkerLook {
  readonly askedAt: number;
  readonly answeredAt: number;
}
export interface TargetReads {
  get(name: string): Promise<ManagedTargetRow | null>;
  /** By name. */
  list(): Promise<ManagedTargetRow[]>;
  ofWorker(worker: string): Promise<ManagedTargetRow[]>;
  /** When somebody last asked a worker to look at its targets, and the last such question that it answered; 0 for never. */
  look(worker: string): Promise<WorkerLook>;
}
export interface TargetWrites extends TargetReads {
  /** Reads a target and holds its row until the unit ends. */
  lock(name: string): Promise<ManagedTargetRow | null>;
  /** False where the name is taken. */
  insert(target: ManagedTargetRow): Promise<boolean>;
  save(target: ManagedTargetRow): Promise<void>;
  remove(name: string): Promise<void>;
  askToLook(worker: string, at: number): Promise<void>;
  /** Changes the answer alone: a question that comes meanwhile stays asked. */
  answerLook(worker: string, at: number): Promise<void>;
}

import type { ConnectorManifest, WorkerTarget } from '@countersign/protocol';

export interface WorkerRecord {
  readonly worker: string;
  readonly instance: string;
  readonly version: string;
  readonly targets: readonly WorkerTarget[];
  readonly manifests: readonly ConnectorManifest[];
  readonly registeredAt: number;
  readonly lastSeenAt: number;
}
export interface WorkerReads {
  get(worker: string): Promise<WorkerRecord | null>;
  list(): Promise<WorkerRecord[]>;
}
export interface WorkerWrites extends WorkerReads {
  put(record: WorkerRecord): Promise<void>;
  seen(worker: string, at: number): Promise<void>;
}

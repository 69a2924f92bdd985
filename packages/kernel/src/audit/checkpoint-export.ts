/** How far one place outside has the log's checkpoints. */
export interface CheckpointExport {
  /** Name of the sink in the configuration. */
  readonly sink: string;
  readonly kind: 'file' | 'git' | 'webhook';
  /** Size of the last checkpoint that was exported; 0 before the first. */
  readonly treeSize: number;
  readonly rootHash: string;
  readonly state: 'ok' | 'failing';
  /** Failures since the last success. */
  readonly failures: number;
  readonly error: string | null;
  /** When the state last changed. */
  readonly changedAt: number;
  readonly exportedAt: number | null;
}

export interface CheckpointExportReads {
  get(sink: string): Promise<CheckpointExport | null>;
}
export interface CheckpointExportWrites extends CheckpointExportReads {
  lock(sink: string): Promise<CheckpointExport | null>;
  /** Writes it or replaces it. */
  save(record: CheckpointExport): Promise<void>;
}

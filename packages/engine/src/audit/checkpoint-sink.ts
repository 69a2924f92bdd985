import type { Checkpoint } from '@countersign/kernel';

/** A place outside that keeps the log's checkpoints. */
export interface CheckpointSink {
  readonly name: string;
  readonly kind: 'file' | 'git' | 'webhook';
  readonly everyMs: number;
  /**
   * Keeps a checkpoint durably; the same one again changes nothing. Throws when the place does not take it. Ends early
   * with an error when the signal is aborted.
   */
  keep(checkpoint: Checkpoint, signal: AbortSignal): Promise<void>;
}

import type { StreamEvent } from '@countersign/protocol';

/** Which claim said something: output is numbered for each. */
export interface Writer {
  readonly job_id: string;
  readonly fence: number;
}

/** Events with the number of the first among all that the claim said. */
export interface Said {
  readonly first: number;
  readonly events: StreamEvent[];
}

/** What one claim said and could not hand in, in its order. */
export interface KeptOutput {
  readonly writer: Writer;
  readonly said: readonly Said[];
}

/** Where output waits that the server could not be told. It outlives the process. */
export interface OutputSpool {
  /** Durable when it resolves; throws where nothing more can be kept. */
  keep(opId: string, writer: Writer, said: Said): Promise<void>;
  /** What is kept of an operation, the earliest claim first. */
  kept(opId: string): Promise<KeptOutput[]>;
  /** Forgets what a claim said: it was handed in, or nobody wants it any more. */
  drop(opId: string, writer: Writer): Promise<void>;
}

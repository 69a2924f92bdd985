import type { StreamEvent } from '@countersign/protocol';

export interface StreamChunk {
  /** Dense per stream, from 1. */
  readonly sequence: number;
  readonly at: number;
  readonly event: StreamEvent;
}
export interface StreamReads {
  after(key: string, sequence: number, limit: number): Promise<StreamChunk[]>;
  last(key: string): Promise<number>;
}
export interface StreamWrites extends StreamReads {
  /** Appends in order; answers the chunks with their sequences. */
  append(key: string, at: number, events: readonly StreamEvent[]): Promise<StreamChunk[]>;
}

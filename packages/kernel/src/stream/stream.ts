import type { StreamEvent } from '@countersign/protocol';

export interface StreamChunk {
  /** Dense per stream, from 1. */
  readonly sequence: number;
  readonly at: number;
  readonly event: StreamEvent;
}
/** An event as it is stored and sent: its JSON text is made once, when it is appended. */
export interface StreamLine {
  /** Dense per stream, from 1. */
  readonly sequence: number;
  /** Canonical JSON of a `StreamEvent`; it has no line break. */
  readonly text: string;
}
/** Who appends output, and how much of it that writer has said: what tells a repeat from something new. */
export interface OutputPlace {
  /** One claim of one job. */
  readonly writer: string;
  /** Number of the first event among those of this writer, from 1. */
  readonly first: number;
}
export interface StreamReads {
  after(key: string, sequence: number, limit: number): Promise<StreamChunk[]>;
  /** The same as texts, which nobody parses. */
  linesAfter(key: string, sequence: number, limit: number): Promise<StreamLine[]>;
  last(key: string): Promise<number>;
  /** The last sequence of each stream that has one. */
  lastOf(keys: readonly string[]): Promise<ReadonlyMap<string, number>>;
}
export interface StreamWrites extends StreamReads {
  /** Appends in order; answers the lines with their sequences. */
  append(key: string, at: number, events: readonly StreamEvent[]): Promise<StreamLine[]>;
  /** Appends what of a writer's events is not there yet; a repeat appends nothing. */
  appendOutput(key: string, at: number, place: OutputPlace, events: readonly StreamEvent[]): Promise<StreamLine[]>;
  /** Takes chunks out; at the place of the first stands the event instead. */
  replace(key: string, sequences: readonly number[], event: StreamEvent): Promise<void>;
}

import { ApiError, unreachable } from '../connection/api-error.ts';
import { pause } from '../connection/transport.ts';
import { type NumberedEvent, readEventStream } from './event-stream.ts';

/** Opens the stream once, after the given sequence number. */
export type OpenStream = (after: number | null, signal: AbortSignal) => Promise<Response>;

/** Where to begin, and how to stop. */
export interface FollowOptions {
  /** Only events after this sequence number. */
  readonly after?: number;
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal;
}

const firstPauseMs = 200;
const longestPauseMs = 5_000;
// About half a minute of a server that does not come back, or keeps closing without a new event.
const emptyAttempts = 10;

/** Whether asking again can help: not after an answer that says no. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 0 || error.status === 429 || error.status >= 502;
}

/**
 * Every event once and in order, over as many connections as it takes: resumes after the last event seen.
 *
 * Ends after the `end` event, or when `signal` is aborted. Throws `ApiError` when the server refuses, or stays away
 * for ten attempts without one new event (pauses grow from 0.2 s to 5 s).
 */
export async function* followEvents(
  open: OpenStream,
  url: string,
  options: FollowOptions,
): AsyncGenerator<NumberedEvent> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  let last = options.after ?? null;
  let empty = 0;
  let reason: unknown = new Error('the stream ended before its last event');
  try {
    while (!signal.aborted) {
      try {
        for await (const item of readEventStream((await open(last, signal)).body ?? new ReadableStream())) {
          if (signal.aborted) return;
          if (item === 'resync') break;
          if (last !== null && item.id <= last) continue;
          last = item.id;
          empty = 0;
          yield item;
          if (item.event.type === 'end') return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && !isPassing(error)) throw error;
        reason = error;
      }
      empty += 1;
      if (empty >= emptyAttempts) throw reason instanceof ApiError ? reason : unreachable(url, reason);
      await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** (empty - 1)), signal).catch(() => undefined);
    }
  } finally {
    stop.abort();
  }
}

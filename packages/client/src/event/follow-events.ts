import type { StreamNotice } from '@countersign/protocol';
import { ApiError, unreachable } from '../connection/api-error.ts';
import { pause } from '../connection/transport.ts';
import { type NumberedEvent, readEventStream } from './event-stream.ts';

/** Opens the stream once, after the given sequence number. */
export type OpenStream = (after: number | null, signal: AbortSignal) => Promise<Response>;

/** Where to begin, and how to stop. */
export interface FollowOptions {
  /** Only events after this sequence number. */
  readonly after?: number;
  /** `false`: only what is stored now. */
  readonly follow?: boolean;
  /** Ends the iteration quietly. */
  readonly signal?: AbortSignal;
}

const firstPauseMs = 200;
const longestPauseMs = 5_000;
// About two minutes of a server that does not come back, or keeps closing without a new event: a restart on a busy
// machine, with a migration, takes one.
const emptyAttempts = 30;
/** Readers that were all sent away at once do not come back all at once. */
const jitter = () => 0.75 + Math.random() / 2;

/** Whether asking again can help: not after an answer that says no. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.status === 0 || error.status === 429 || error.status >= 502;
}

/** What a notice means for whoever reads: to go on, to be at the end, or to ask again, in vain or as a matter of course. */
function meaningOf(notice: StreamNotice, follow: boolean): 'go on' | 'end' | 'again' | 'expected again' {
  switch (notice.name) {
    case 'caught_up':
      return follow ? 'go on' : 'end';
    case 'resync':
      return 'again';
    case 'closing':
      if (notice.data.reason === 'ended') return 'end';
      return notice.data.reason === 'duration' || notice.data.reason === 'quota' ? 'expected again' : 'again';
  }
}

/**
 * Every event once and in order, over as many connections as it takes: resumes after the last event seen.
 *
 * Ends after the `end` event, with `follow: false` after what is stored, or when `signal` is aborted. Throws `ApiError`
 * when the server refuses, or stays away for thirty attempts without one new event (pauses grow from 0.2 s to 5 s).
 */
export async function* followEvents(
  open: OpenStream,
  url: string,
  options: FollowOptions,
): AsyncGenerator<NumberedEvent> {
  const { follow = true } = options;
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  let last = options.after ?? null;
  let empty = 0;
  let reason: unknown = new Error('the stream ended before its last event');
  try {
    while (!signal.aborted) {
      let expected = false;
      try {
        for await (const item of readEventStream((await open(last, signal)).body ?? new ReadableStream())) {
          if (signal.aborted) return;
          if ('notice' in item) {
            const meaning = meaningOf(item.notice, follow);
            if (meaning === 'go on') continue;
            if (meaning === 'end') return;
            expected = meaning === 'expected again';
            break;
          }
          const { event } = item;
          if (last !== null && event.id <= last) continue;
          last = event.id;
          empty = 0;
          yield event;
          if (event.event.type === 'end') return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError && !isPassing(error)) throw error;
        reason = error;
      }
      // A connection that was as long as one may be says nothing against the server.
      empty = expected ? 0 : empty + 1;
      if (empty >= emptyAttempts) throw reason instanceof ApiError ? reason : unreachable(url, reason);
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, empty - 1)) * jitter();
      await pause(expected ? 0 : pauseMs, signal).catch(() => undefined);
    }
  } finally {
    stop.abort();
  }
}

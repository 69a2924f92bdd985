import type { ConnectorError } from './connector-error.ts';
import { interruption } from './interruption.ts';

/** One call to a target and what ends it: the work's signal, the connection's end, its own deadline in milliseconds. */
export interface CallBounds {
  /** For the text of its errors: `restart the container`. */
  readonly what: string;
  /** What a failure in mid-call leaves behind. */
  readonly effect: 'none' | 'maybe';
  readonly signal: AbortSignal;
  readonly closed: AbortSignal;
  readonly deadlineMs: number;
  /** The error of a call that ran into `deadlineMs`. */
  late(): ConnectorError;
  /** Whatever else the call threw, as the connector says it. */
  failed(cause: unknown): ConnectorError;
}

/**
 * Makes one call within its bounds. Does not wait for the callee to notice an abort. Throws ConnectorError only:
 * E_CANCELLED or E_TIMEOUT for an aborted signal, else what `late` and `failed` make.
 */
export async function boundedCall<Answer>(
  bounds: CallBounds,
  ask: (abortSignal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const outer = AbortSignal.any([bounds.signal, bounds.closed]);
  if (outer.aborted) throw interruption(outer, bounds.what, 'none');
  const inner = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (error: Error): void => {
    ended.reject(error);
    inner.abort();
  };
  const cancel = (): void => end(interruption(outer, bounds.what, bounds.effect));
  const timer = setTimeout(() => end(bounds.late()), bounds.deadlineMs);
  outer.addEventListener('abort', cancel, { once: true });
  try {
    return await Promise.race([ended.promise, ask(inner.signal)]);
  } catch (cause) {
    throw bounds.failed(cause);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', cancel);
  }
}

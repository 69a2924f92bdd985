import { interruption } from '@countersign/connector-kit';
import { type CallDescription, callError, deadlineError } from './errors.ts';

/** What ends a call: the work's signal, the client's end, its own deadline. */
export interface Bound {
  readonly signal: AbortSignal;
  readonly closed: AbortSignal;
  readonly deadlineMs: number;
}

/**
 * Makes one call within its bounds. Does not wait for the callee to notice an abort. Throws ConnectorError only:
 * E_CANCELLED, E_TIMEOUT, E_TARGET_UNREACHABLE, E_TARGET_REFUSED.
 */
export async function boundCall<Answer>(
  call: CallDescription,
  bound: Bound,
  ask: (abortSignal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const outer = AbortSignal.any([bound.signal, bound.closed]);
  if (outer.aborted) throw interruption(outer, call.what, 'none');
  const inner = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (error: Error): void => {
    ended.reject(error);
    inner.abort();
  };
  const cancel = (): void => end(interruption(outer, call.what, call.effect));
  const timer = setTimeout(() => end(deadlineError(call, bound.deadlineMs)), bound.deadlineMs);
  outer.addEventListener('abort', cancel, { once: true });
  try {
    return await Promise.race([ended.promise, ask(inner.signal)]);
  } catch (cause) {
    throw callError(cause, call);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', cancel);
  }
}

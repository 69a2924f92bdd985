import { boundedCall } from '@countersign/connector-kit';
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
  const late = () => deadlineError(call, bound.deadlineMs);
  const failed = (cause: unknown) => callError(cause, call);
  return await boundedCall({ ...bound, what: call.what, effect: call.effect, late, failed }, ask);
}

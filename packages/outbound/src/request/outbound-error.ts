import { CodedError } from '@countersign/protocol';

/** E_OUTBOUND_REFUSED: the guard does not let this leave. `what` names the place without its path, query or secrets. */
export function refusal(what: string, why: string, next: string): CodedError {
  return new CodedError('E_OUTBOUND_REFUSED', `${what}: ${why}`, { next });
}

/** E_OUTBOUND_FAILED: it was let out, and the other side did not answer as it should. */
export function failure(what: string, why: string, next: string, cause?: unknown): CodedError {
  return new CodedError('E_OUTBOUND_FAILED', `${what}: ${why}`, { next }, { cause });
}

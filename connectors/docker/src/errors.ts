import { ConnectorError } from '@countersign/connector-kit';
import { DockerFailure, failureCode, isCertificateRefusal, unreachableDaemon } from '@countersign/transport';
import { z } from 'zod';

/** What a call was about, for the text of its error. `effect` is what a failure in mid-call leaves behind. */
export interface CallDescription {
  readonly what: string;
  /** Where the daemon is. */
  readonly where: string;
  readonly effect: 'none' | 'maybe';
}

/**
 * Whether the daemon says that the container itself is unknown. A 404 alone does not: a restart also answers 404 when
 * the container was stopped and then its network is missing.
 */
export function isUnknownContainer(cause: unknown): boolean {
  return cause instanceof DockerFailure && cause.status === 404 && /no such container/i.test(cause.daemonMessage);
}

/** Whether the daemon says that it has no such image. */
export function isUnknownImage(cause: unknown): boolean {
  return cause instanceof DockerFailure && cause.status === 404 && /no such image/i.test(cause.daemonMessage);
}

function refusedError(failure: DockerFailure, call: CallDescription): ConnectorError {
  const conflict = failure.status === 409 ? ' because of a conflict' : '';
  return new ConnectorError('E_TARGET_REFUSED', `the Docker daemon refused to ${call.what}${conflict}`, {
    effect: call.effect,
    detail: { http_status: failure.status, daemon_message: failure.daemonMessage },
    cause: failure,
  });
}

/** Turns whatever a call threw into a ConnectorError: E_TARGET_UNREACHABLE or E_TARGET_REFUSED. */
export function callError(cause: unknown, call: CallDescription): ConnectorError {
  if (cause instanceof ConnectorError) return cause;
  if (cause instanceof DockerFailure) return refusedError(cause, call);
  const where = `the Docker daemon at ${call.where}`;
  if (cause instanceof z.ZodError || cause instanceof SyntaxError) {
    const field = cause instanceof z.ZodError ? (cause.issues[0]?.path.join('.') ?? '') : '';
    return new ConnectorError('E_TARGET_UNREACHABLE', `${where} gave an answer that is not the Docker API's`, {
      effect: call.effect,
      detail: { call: call.what, field },
      cause,
    });
  }
  const code = failureCode(cause);
  if (isCertificateRefusal(code)) return unreachableDaemon(call.where, cause);
  return new ConnectorError('E_TARGET_UNREACHABLE', `${where} does not answer: the connection broke`, {
    effect: call.effect,
    detail: { call: call.what, code },
    cause,
  });
}

/** The call ran into its own deadline. */
export function deadlineError(call: CallDescription, deadlineMs: number): ConnectorError {
  return new ConnectorError('E_TIMEOUT', `the Docker daemon took more than ${deadlineMs} ms to ${call.what}`, {
    effect: call.effect,
  });
}

/** No container has that name or id. */
export function missingError(reference: string, nearest: readonly string[]): ConnectorError {
  const hint = nearest.length === 0 ? '' : `; nearest: ${nearest.join(', ')}`;
  return new ConnectorError('E_TARGET_MISSING', `no container ${reference}${hint}`, {
    effect: 'none',
    detail: { container: reference, nearest: [...nearest] },
  });
}

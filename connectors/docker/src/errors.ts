import { ConnectorError } from '@countersign/connector-kit';
import { readJson } from '@countersign/protocol';
import { z } from 'zod';

/** What a call was about, for the text of its error. `effect` is what a failure in mid-call leaves behind. */
export interface CallDescription {
  readonly what: string;
  readonly socket: string;
  readonly effect: 'none' | 'maybe';
}

const DaemonMessage = z.object({ message: z.string() });

/** The daemon answered with a status that is no success. */
export class HttpFailure extends Error {
  readonly status: number;
  /** The daemon's message without what could be secret. */
  readonly daemonMessage: string;
  constructor(status: number, body: string) {
    const daemonMessage = safeDaemonMessage(messageOf(body));
    super(`HTTP ${status}: ${daemonMessage}`);
    this.name = 'HttpFailure';
    this.status = status;
    this.daemonMessage = daemonMessage;
  }
}

function messageOf(body: string): string {
  try {
    return DaemonMessage.parse(readJson(body)).message;
  } catch {
    // Proxies in between answer with pages of their own, which tell nobody anything.
    return '';
  }
}

const SystemFailure = z.object({ code: z.string() });

/** Failures before a request can have been sent. */
const connectFailures: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket: is the Docker daemon running, and is `socket` its path?',
  ECONNREFUSED: 'nothing listens there: is the Docker daemon running?',
  EACCES: 'permission denied: the worker needs access to the socket',
  EPERM: 'permission denied: the worker needs access to the socket',
  ENOTSOCK: 'that path is not a socket',
  EINVAL: 'that path cannot be a socket',
  ENAMETOOLONG: 'the path is too long for a socket',
};

/** A daemon's message without what could be secret (KEY=value, credentials in URLs), at most 600 characters. */
export function safeDaemonMessage(message: string): string {
  return message
    .replace(/\b([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|\S+)/g, '$1=***')
    .replace(/:\/\/[^\s/@]+@/g, '://***@')
    .trim()
    .slice(0, 600);
}

/**
 * Whether the daemon says that the container itself is unknown. A 404 alone does not: a restart also answers 404 when
 * the container was stopped and then its network is missing.
 */
export function isUnknownContainer(cause: unknown): boolean {
  return cause instanceof HttpFailure && cause.status === 404 && /no such container/i.test(cause.daemonMessage);
}

function refusedError(failure: HttpFailure, call: CallDescription): ConnectorError {
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
  if (cause instanceof HttpFailure) return refusedError(cause, call);
  const where = `the Docker daemon at ${call.socket}`;
  if (cause instanceof z.ZodError || cause instanceof SyntaxError) {
    const field = cause instanceof z.ZodError ? (cause.issues[0]?.path.join('.') ?? '') : '';
    return new ConnectorError('E_TARGET_UNREACHABLE', `${where} gave an answer that is not the Docker API's`, {
      effect: call.effect,
      detail: { call: call.what, field },
      cause,
    });
  }
  const system = SystemFailure.safeParse(cause);
  const code = system.success ? system.data.code : '';
  const why = connectFailures[code];
  return new ConnectorError('E_TARGET_UNREACHABLE', `${where} does not answer: ${why ?? 'the connection broke'}`, {
    effect: why === undefined ? call.effect : 'none',
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

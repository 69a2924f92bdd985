import { ConnectorError } from '@countersign/connector-kit';
import { readJson } from '@countersign/protocol';
import { z } from 'zod';

const DaemonMessage = z.object({ message: z.string() });
const SystemFailure = z.object({ code: z.string() });

/** The daemon answered with a status that is no success. */
export class DockerFailure extends Error {
  readonly status: number;
  /** The daemon's message without what could be secret. */
  readonly daemonMessage: string;
  constructor(status: number, body: string) {
    const daemonMessage = safeDaemonMessage(messageOf(body));
    super(`HTTP ${status}: ${daemonMessage}`);
    this.name = 'DockerFailure';
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

/** A daemon's message without what could be secret (KEY=value, credentials in URLs), at most 600 characters. */
export function safeDaemonMessage(message: string): string {
  return message
    .replace(/\b([A-Za-z_][A-Za-z0-9_]*)=("[^"]*"|'[^']*'|\S+)/g, '$1=***')
    .replace(/:\/\/[^\s/@]+@/g, '://***@')
    .trim()
    .slice(0, 600);
}

const byCode: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket: is the Docker daemon running, and is `socket` its path?',
  ECONNREFUSED: 'nothing listens there: is the Docker daemon running?',
  EACCES: 'permission denied: the worker needs access to the socket',
  EPERM: 'permission denied: the worker needs access to the socket',
  ENOTSOCK: 'that path is not a socket',
  EINVAL: 'that path cannot be a socket',
  ENAMETOOLONG: 'the path is too long for a socket',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to that host',
  ETIMEDOUT: 'it does not answer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: set tls.server_name to the one that it is for',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** Codes by which OpenSSL tells that the other side's certificate leads to no authority of ours. */
const untrusted = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|CERT_UNTRUSTED)$/;

function reason(code: string): string {
  if (untrusted.test(code)) return 'its certificate is not signed by the authority in tls.ca_file';
  return byCode[code] ?? 'the connection broke';
}

/** The code of a system or TLS failure, empty if it has none. */
export function failureCode(cause: unknown): string {
  return SystemFailure.safeParse(cause).data?.code ?? '';
}

/** Whether the daemon turned down our certificate: TLS 1.3 tells it only after the handshake, and the request was not read. */
export function isCertificateRefusal(code: string): boolean {
  return /^ERR_SSL_.*ALERT/.test(code);
}

/** E_TARGET_UNREACHABLE without effect: there was no connection yet. */
export function unreachableDaemon(where: string, cause: unknown): ConnectorError {
  const code = failureCode(cause);
  const why = isCertificateRefusal(code) ? 'it does not accept the certificate in tls.cert_file' : reason(code);
  return new ConnectorError('E_TARGET_UNREACHABLE', `the Docker daemon at ${where} does not answer: ${why}`, {
    effect: 'none',
    detail: { code },
    cause,
  });
}

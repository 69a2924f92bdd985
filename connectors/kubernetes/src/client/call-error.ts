import { ConnectorError, type ConnectorErrorCode } from '@countersign/connector-kit';
import { z } from 'zod';
import { HttpFailure } from './failure.ts';

/** What a call was about, for the text of its error. `effect` is what a failure in mid-call leaves behind. */
export interface CallDescription {
  /** `scale deployment web`, `list pods`. */
  readonly what: string;
  readonly effect: 'none' | 'maybe';
}

const SystemFailure = z.object({ code: z.string() });

/** Failures before a request can have been sent. */
const connectFailures: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be resolved now',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not in the kubeconfig',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the authority in the kubeconfig',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the authority in the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by the authority in the kubeconfig',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** The failure of the API behind an error of this client; undefined where the API did not answer. */
export function httpFailureOf(error: unknown): HttpFailure | undefined {
  return error instanceof ConnectorError && error.cause instanceof HttpFailure ? error.cause : undefined;
}

function refusal(failure: HttpFailure, { what }: CallDescription): { code: ConnectorErrorCode; message: string } {
  if (failure.status === 401)
    return { code: 'E_TARGET_REFUSED', message: 'the cluster does not accept the credentials' };
  if (failure.status === 403) return { code: 'E_TARGET_REFUSED', message: `the account of the target may not ${what}` };
  if (failure.status === 404) return { code: 'E_TARGET_MISSING', message: `the cluster has nothing to ${what}` };
  const conflict = failure.status === 409 ? ' because of a conflict' : '';
  return { code: 'E_TARGET_REFUSED', message: `the cluster refused to ${what}${conflict}` };
}

function httpError(failure: HttpFailure, call: CallDescription): ConnectorError {
  const { code, message } = refusal(failure, call);
  // What is refused by its form, its rights or its state was not done; a server that broke may have done it.
  const effect = failure.status < 500 ? 'none' : call.effect;
  const { status, reason, serverMessage } = failure;
  const detail = { http_status: status, reason, server_message: serverMessage };
  return new ConnectorError(code, message, { effect, detail, cause: failure });
}

/** Turns whatever a call threw into a ConnectorError: E_TARGET_UNREACHABLE, E_TARGET_REFUSED, E_TARGET_MISSING. */
export function callError(cause: unknown, call: CallDescription, where: string): ConnectorError {
  if (cause instanceof ConnectorError) return cause;
  if (cause instanceof HttpFailure) return httpError(cause, call);
  if (cause instanceof z.ZodError || cause instanceof SyntaxError) {
    const field = cause instanceof z.ZodError ? (cause.issues[0]?.path.join('.') ?? '') : '';
    return new ConnectorError('E_TARGET_UNREACHABLE', `${where} gave an answer that is not the Kubernetes API's`, {
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

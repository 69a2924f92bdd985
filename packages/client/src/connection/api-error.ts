import { CodedError, ErrorEnvelope, isErrorCode, type RefusalDetail, readJson } from '@countersign/protocol';

/**
 * A refusal or breakage told by the server, or a server that cannot be reached (`status` 0).
 *
 * `code` is always one of the registry; a code this version does not know becomes `E_INTERNAL` with the original under
 * `detail.server_code`.
 */
export class ApiError extends CodedError {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The server's correlation id of the request, for finding it in log and audit. */
  readonly requestId: string | null;
  constructor(
    error: Pick<CodedError, 'code' | 'message' | 'detail'>,
    status: number,
    requestId: string | null,
    cause?: unknown,
  ) {
    super(error.code, error.message, error.detail, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.status = status;
    this.requestId = requestId;
  }
}

/** The error of a server that gave no answer at all. */
export function unreachable(url: string, cause: unknown): ApiError {
  const message = `cannot reach the server at ${url}: is it running? start it with \`npx countersign serve\``;
  const detail: RefusalDetail = { server: url, next: 'npx countersign serve' };
  return new ApiError({ code: 'E_TARGET_UNREACHABLE', message, detail }, 0, null, cause);
}

/** The error of a call that took longer than the client waits. */
export function timedOut(url: string, timeoutMs: number, cause: unknown): ApiError {
  const message = `the server at ${url} did not answer within ${timeoutMs} ms`;
  return new ApiError({ code: 'E_TIMEOUT', message, detail: { server: url } }, 0, null, cause);
}

/** The error of an answer that does not fit the route's schema: another version, or another server. */
export function unexpectedAnswer(what: string, status: number, requestId: string | null, cause?: unknown): ApiError {
  const message = `the server's answer was not understood (${what}): is the address right, and are both of one version?`;
  return new ApiError({ code: 'E_INTERNAL', message, detail: { status } }, status, requestId, cause);
}

/** Reads the error envelope of a refused request. */
export function fromErrorAnswer(status: number, text: string, requestId: string | null): ApiError {
  let body: unknown;
  try {
    body = readJson(text);
  } catch (cause) {
    return unexpectedAnswer(`status ${status}, no JSON`, status, requestId, cause);
  }
  const envelope = ErrorEnvelope.safeParse(body);
  if (!envelope.success) return unexpectedAnswer(`status ${status}, no error envelope`, status, requestId);
  const { code, message, detail = {} } = envelope.data.error;
  const id = envelope.data.request_id;
  if (isErrorCode(code)) return new ApiError({ code, message, detail }, status, id);
  return new ApiError({ code: 'E_INTERNAL', message, detail: { ...detail, server_code: code } }, status, id);
}

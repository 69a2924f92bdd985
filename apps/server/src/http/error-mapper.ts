import { CodedError, type ErrorCode, type ErrorEnvelope, errorCodes, type JsonObject } from '@countersign/protocol';
import { z } from 'zod';

/** What an error becomes over HTTP. */
export interface MappedError {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail: JsonObject;
  /** Whether the log should hold the error itself: breakage, not refusal. */
  readonly broken: boolean;
}

const FrameworkError = z.looseObject({
  code: z.string().optional(),
  statusCode: z.number().optional(),
  message: z.string(),
});

const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'E_BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'E_MEDIA_TYPE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'E_BAD_REQUEST',
  FST_ERR_CTP_INVALID_JSON_BODY: 'E_BAD_REQUEST',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'E_BAD_REQUEST',
  FST_ERR_BAD_URL: 'E_BAD_REQUEST',
  FST_ERR_ASYNC_CONSTRAINT: 'E_BAD_REQUEST',
};

const hints: Partial<Record<ErrorCode, { message: string; next: string }>> = {
  E_BODY_TOO_LARGE: { message: 'the body is larger than this route takes', next: 'send less, or split the request' },
  E_MEDIA_TYPE: { message: 'this route takes application/json', next: 'send "content-type: application/json"' },
  E_BAD_REQUEST: {
    message: 'the request could not be read: malformed URL or JSON',
    next: 'check the URL and the JSON of the body',
  },
};

function fromFramework(error: unknown): ErrorCode | null {
  const parsed = FrameworkError.safeParse(error);
  if (!parsed.success) return null;
  const known = frameworkCodes[parsed.data.code ?? ''];
  if (known !== undefined) return known;
  const status = parsed.data.statusCode;
  return status !== undefined && status >= 400 && status < 500 ? 'E_BAD_REQUEST' : null;
}

/** The one place that turns errors into answers. Nothing of an unexpected error is shown. */
export function mapError(error: unknown): MappedError {
  if (error instanceof CodedError) {
    const { http } = errorCodes[error.code];
    const broken = error.code === 'E_INTERNAL' || error.code === 'E_STORE';
    return { status: http, code: error.code, message: error.message, detail: error.detail, broken };
  }
  const framework = fromFramework(error);
  if (framework !== null) {
    const hint = hints[framework];
    return {
      status: errorCodes[framework].http,
      code: framework,
      message: hint?.message ?? errorCodes[framework].summary,
      detail: hint === undefined ? {} : { next: hint.next },
      broken: false,
    };
  }
  return {
    status: 500,
    code: 'E_INTERNAL',
    message: 'something failed inside',
    detail: { next: 'look for the request id in the server log' },
    broken: true,
  };
}

/** The envelope of every error answer. */
export function envelopeOf(error: MappedError, requestId: string): ErrorEnvelope {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(Object.keys(error.detail).length === 0 ? {} : { detail: error.detail }),
    },
    request_id: requestId,
  };
}

/** The same as RFC 9457 problem details. */
export function problemOf(error: MappedError, requestId: string): JsonObject {
  return {
    type: `urn:countersign:error:${error.code}`,
    title: errorCodes[error.code].summary,
    status: error.status,
    detail: error.message,
    instance: requestId,
    code: error.code,
    ...error.detail,
  };
}

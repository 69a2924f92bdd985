import { z } from 'zod';
import { JsonObject } from '../scalar/scalar.ts';
import type { ErrorCode } from './error-codes.ts';

/** The one error envelope of every face. */
export const ErrorEnvelope = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string(),
    /** `field`: the offending field as a JSON pointer or path; `next`: what to do. */
    detail: JsonObject.optional(),
  }),
  request_id: z.string(),
});
export type ErrorEnvelope = z.infer<typeof ErrorEnvelope>;

/** What may stand in an error's detail. */
export type RefusalDetail = JsonObject;

/** An expected "no", returned as data. `message` says what and why, `detail.next` what to do. */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
  readonly detail: RefusalDetail;
}
/** A result that is either a value or an expected refusal. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | Refusal;

/** Makes a refusal. */
export function refuse(code: ErrorCode, message: string, detail: RefusalDetail = {}): Refusal {
  return { ok: false, code, message, detail };
}
/** Makes a success. */
export function accept<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** A refusal or breakage that must cross a boundary as an exception; `code` maps it once per face. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly detail: RefusalDetail;
  constructor(code: ErrorCode, message: string, detail: RefusalDetail = {}, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CodedError';
    this.code = code;
    this.detail = detail;
  }
}

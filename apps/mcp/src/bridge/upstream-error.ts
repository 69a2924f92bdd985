import { ApiError } from '@countersign/client';
import { CodedError, type ErrorCode } from '@countersign/protocol';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** A refusal of the server, or one found here, in words for a model: the code, what and why, and what to do next. */
export interface ToldError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | null;
  readonly next: string | null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The words of an expected refusal; null for what is none, which is a fault. */
export function toldError(error: unknown): ToldError | null {
  if (!(error instanceof CodedError)) return null;
  const { code, message, detail } = error;
  return { code, message, field: textOf(detail['field']), next: textOf(detail['next']) };
}

/** How resources, prompts and completion refuse: -32603 with the server's own code under `data.code`. */
export function asProtocolError(error: unknown): unknown {
  const told = toldError(error);
  if (told === null) return error;
  const { code, message, next } = told;
  return new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message}`, { code, next });
}

/** What the server answers, or null where it refuses with one of these codes. */
export async function unlessRefused<Answer>(
  codes: readonly ErrorCode[],
  ask: () => Promise<Answer>,
): Promise<Answer | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError && codes.includes(error.code)) return null;
    throw error;
  }
}

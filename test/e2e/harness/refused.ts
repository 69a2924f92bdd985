import { ApiError } from '@countersign/client';
import { expect } from 'vitest';

/** The refusal of a call; an answer is a failure. */
export async function refusal(call: Promise<unknown>): Promise<ApiError> {
  const answer = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in answer && answer.error instanceof ApiError) return answer.error;
  if ('error' in answer) throw answer.error;
  throw new Error(`answered instead of refused: ${JSON.stringify(answer.value).slice(0, 300)}`);
}

/** Expects one of the registered codes, and a next step. */
export async function expectRefused(call: Promise<unknown>, code: string): Promise<ApiError> {
  const error = await refusal(call);
  expect(`${error.code}: ${error.message}`).toMatch(new RegExp(`^${code}:`));
  expect(typeof error.detail['next']).toBe('string');
  return error;
}

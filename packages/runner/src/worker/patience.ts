import { setTimeout as pause } from 'node:timers/promises';
import { CodedError, type ErrorCode } from '@countersign/protocol';

const firstPauseMs = 50;
const longestPauseMs = 2000;
const passing: readonly ErrorCode[] = ['E_STORE', 'E_TARGET_UNREACHABLE', 'E_TIMEOUT'];

/** Whether an error of the port may be gone at the next try: no answer, no database, or a proxy that answers for the server. */
export function passes(error: unknown): boolean {
  if (!(error instanceof CodedError)) return false;
  const { status } = error.detail;
  return passing.includes(error.code) || (error.code === 'E_INTERNAL' && typeof status === 'number' && status >= 502);
}

/** Tries again what fails in passing, for at most `forMs` and while `lost` is not aborted; then throws the last error. */
export async function patiently<T>(
  forMs: number,
  lost: AbortSignal,
  attempt: (again: boolean) => Promise<T>,
): Promise<T> {
  const until = performance.now() + forMs;
  for (let pauseMs = firstPauseMs, again = false; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs), again = true) {
    try {
      return await attempt(again);
    } catch (error) {
      if (!passes(error) || lost.aborted || performance.now() + pauseMs > until) throw error;
      // An abort ends the pause early; the loop then says why.
      await pause(pauseMs, undefined, { signal: lost }).catch(() => undefined);
      if (lost.aborted) throw error;
    }
  }
}

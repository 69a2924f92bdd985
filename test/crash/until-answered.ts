import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@countersign/client';
import { CodedError } from '@countersign/protocol';

const retryMs = 50;

/** No answer came, or none that says anything: what was asked may have been done. */
function unanswered(error: unknown): boolean {
  if (!(error instanceof ApiError)) throw error;
  // Panic is lifted again by whoever switched it on.
  return error.status === 0 || error.code === 'E_WORKER_UNAVAILABLE' || error.code === 'E_PANIC' || error.status >= 500;
}

/** Asks again, for at most five minutes, until there is an answer that says something. */
export async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (const until = performance.now() + 300_000; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (!unanswered(error) || performance.now() > until) throw error;
      await sleep(retryMs);
    }
  }
}

export function isRefused(error: unknown, ...codes: string[]): boolean {
  return error instanceof CodedError && codes.includes(error.code);
}

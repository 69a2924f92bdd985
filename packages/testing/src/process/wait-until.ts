import { setTimeout as sleep } from 'node:timers/promises';

/** How long and how often `waitUntil` asks, in milliseconds. */
export interface Patience {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/** Asks until the answer is neither undefined nor false and returns it; throws with the last error at the time-out. */
export async function waitUntil<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false> | Answer | undefined | false,
  { timeoutMs = 20_000, intervalMs = 25 }: Patience = {},
): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await sleep(intervalMs);
  } while (performance.now() < deadline);
  throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`, { cause: lastError });
}

/** Waits until the URL answers with a 2xx status and returns the response. */
export function waitForHttp(url: string, patience: Patience = {}): Promise<Response> {
  return waitUntil(
    `${url} answers`,
    async () => {
      const response = await fetch(url);
      if (response.ok) return response;
      throw new Error(`${url} answered ${response.status}`);
    },
    patience,
  );
}

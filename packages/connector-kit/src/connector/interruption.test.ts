import { expect, it } from 'vitest';
import { interruption } from './interruption.ts';

it('tells a time limit from a cancel, and carries the effect', async () => {
  const cancelled = interruption(AbortSignal.abort(), 'the read', 'none');
  expect([cancelled.code, cancelled.effect]).toEqual(['E_CANCELLED', 'none']);
  const limit = AbortSignal.timeout(1);
  await new Promise((resolve) => limit.addEventListener('abort', resolve));
  const late = interruption(limit, 'the write', 'maybe');
  expect([late.code, late.effect]).toEqual(['E_TIMEOUT', 'maybe']);
});

import type { Budget } from '@countersign/kernel';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';

const minute: Budget = { name: 'minute', quota: 6, windowMs: 60_000 };
const day: Budget = { name: 'day', quota: 10, windowMs: 86_400_000 };

function limiterAt(start: number, maxKeys?: number): { limiter: MemoryRateLimiter; at: { now: number } } {
  const at = { now: start };
  return { at, limiter: new MemoryRateLimiter({ now: () => at.now }, maxKeys) };
}

it('gives a whole quota at once, then one more each time its share of the window went by', async () => {
  const { limiter, at } = limiterAt(1_700_000_000_000);
  for (let left = 5; left >= 0; left -= 1) {
    expect(await limiter.take('ada', [minute])).toMatchObject({ allowed: true, remaining: left, retryAfterMs: 0 });
  }
  expect(await limiter.take('ada', [minute])).toEqual({
    allowed: false,
    budget: minute,
    remaining: 0,
    resetMs: 60_000,
    retryAfterMs: 10_000,
  });
  at.now += 9_980;
  expect(await limiter.take('ada', [minute])).toMatchObject({ allowed: false, retryAfterMs: 20 });
  at.now += 20;
  expect(await limiter.take('ada', [minute])).toMatchObject({ allowed: true, remaining: 0 });
  at.now += 60_000;
  expect(await limiter.take('ada', [minute])).toMatchObject({ allowed: true, remaining: 5, resetMs: 10_000 });
});

it('counts each key for itself', async () => {
  const { limiter } = limiterAt(0);
  for (let index = 0; index < 6; index += 1) await limiter.take('ada', [minute]);
  expect((await limiter.take('ada', [minute])).allowed).toBe(false);
  expect((await limiter.take('bob', [minute])).allowed).toBe(true);
});

it('what one budget refuses is taken from none, and the answer is about the tightest', async () => {
  const { limiter, at } = limiterAt(0);
  for (let index = 0; index < 6; index += 1) {
    expect(await limiter.take('ada', [minute, day])).toMatchObject({ allowed: true, budget: minute });
  }
  for (let index = 0; index < 100; index += 1) expect((await limiter.take('ada', [minute, day])).allowed).toBe(false);
  at.now = 60_000;
  for (let left = 3; left >= 0; left -= 1) {
    expect(await limiter.take('ada', [minute, day])).toMatchObject({ allowed: true, budget: day, remaining: left });
  }
  expect(await limiter.take('ada', [minute, day])).toMatchObject({ allowed: false, budget: day });
});

it('a cost of nothing only looks', async () => {
  const { limiter } = limiterAt(0);
  for (let index = 0; index < 50; index += 1) {
    expect(await limiter.take('ada', [minute], 0)).toMatchObject({ allowed: true, remaining: 6 });
  }
  expect(limiter.size).toBe(0);
  await limiter.take('ada', [minute], 6);
  expect(await limiter.take('ada', [minute], 0)).toMatchObject({ allowed: false, remaining: 0 });
});

it('in no window lets more through than twice the quota, and never refuses whoever keeps to it', async () => {
  let allowed = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 80 }),
      async (quota, gaps) => {
        const budget: Budget = { name: 'b', quota, windowMs: 10_000 };
        const { limiter, at } = limiterAt(1000);
        const given: number[] = [];
        for (const gap of gaps) {
          at.now += gap;
          const answer = await limiter.take('k', [budget]);
          const recent = given.filter((time) => time > at.now - budget.windowMs).length;
          if (answer.allowed) {
            allowed += 1;
            given.push(at.now);
            expect(recent).toBeLessThan(2 * quota);
          } else {
            refused += 1;
            expect(recent).toBeGreaterThanOrEqual(quota);
            expect(answer.retryAfterMs).toBeGreaterThan(0);
            expect(answer.retryAfterMs).toBeLessThanOrEqual(budget.windowMs / quota);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(allowed).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(100);
});

it('remembers no more than it may: first what is full again goes, then whoever was heard longest ago', async () => {
  const { limiter, at } = limiterAt(0, 100);
  for (let index = 0; index < 50; index += 1) await limiter.take(`old-${index}`, [minute]);
  at.now = 20_000;
  for (let index = 0; index < 60; index += 1) await limiter.take(`new-${index}`, [minute], 6);
  expect(limiter.size).toBe(60);
  expect((await limiter.take('new-0', [minute])).allowed).toBe(false);
  for (let index = 60; index < 1000; index += 1) await limiter.take(`new-${index}`, [minute], 6);
  expect(limiter.size).toBeLessThanOrEqual(100);
  expect((await limiter.take('new-999', [minute])).allowed).toBe(false);
  expect((await limiter.take('new-0', [minute])).allowed).toBe(true);
});

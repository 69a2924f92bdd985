import { makeManualClock } from '@countersign/testing';
import { expect, it } from 'vitest';
import { MemoryRateLimiter } from '../limit/memory-rate-limiter.ts';
import { addressKey, admitAttempt } from './attempt-limits.ts';

it('an IPv6 network of 64 bits counts as one address, however it is spelled', () => {
  const same = ['2001:db8:0:7::1', '2001:DB8::7:0:0:0:2', '2001:0db8:0000:0007:ffff::', '2001:db8:0:7:1:2:3:4'];
  expect(new Set(same.map(addressKey))).toEqual(new Set(['2001:db8:0:7']));
  expect(addressKey('2001:db8:0:8::1')).toBe('2001:db8:0:8');
  expect(addressKey('::1')).toBe('0:0:0:0');
  expect(addressKey('fe80::1%eth0')).toBe('fe80:0:0:0');
  expect(['192.0.2.7', '::ffff:192.0.2.7'].map(addressKey)).toEqual(['192.0.2.7', '192.0.2.7']);
});

function limits() {
  const clock = makeManualClock();
  const limiter = new MemoryRateLimiter(clock);
  const admit = (attempt: { address: string; account: string; knownAddress: boolean }) =>
    admitAttempt(limiter, { kind: 'password', ...attempt });
  const count = async (attempts: { address: string; account: string; knownAddress?: boolean }[]): Promise<number> => {
    let admitted = 0;
    for (const attempt of attempts) if ((await admit({ knownAddress: false, ...attempt })).allowed) admitted += 1;
    return admitted;
  };
  return { clock, count, admit, limiter };
}
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, each) => make(each));

it('one address has ten tries at an account and thirty in all, however many names it tries', async () => {
  const { count } = limits();
  expect(await count(times(1000, () => ({ address: '192.0.2.1', account: 'ann' })))).toBe(10);
  expect(await count(times(1000, () => ({ address: '192.0.2.1', account: 'ANN' })))).toBe(0);
  expect(await count(times(1000, (index) => ({ address: '192.0.2.1', account: `name-${index}` })))).toBe(20);
});

it('an account has sixty tries from all strangers together, and its person is not shut out by them', async () => {
  const { count } = limits();
  const strangers = times(1000, (index) => ({ address: `198.51.${index >> 8}.${index & 255}`, account: 'ann' }));
  expect(await count(strangers)).toBe(60);
  expect(await count([{ address: '203.0.113.9', account: 'ann' }])).toBe(0);
  expect(await count([{ address: '203.0.113.9', account: 'ann', knownAddress: true }])).toBe(1);
});

it('an address that spent its own budget takes nothing from what the account has', async () => {
  const { count } = limits();
  await count(times(10_000, () => ({ address: '192.0.2.1', account: 'ann' })));
  const others = times(100, (index) => ({ address: `198.51.100.${index}`, account: 'ann' }));
  expect(await count(others)).toBe(50);
});

it('a budget refills evenly, and says when the next try fits', async () => {
  const { clock, count, admit } = limits();
  const ann = { address: '192.0.2.1', account: 'ann' };
  await count(times(10, () => ann));
  expect(await admit({ ...ann, knownAddress: false })).toEqual({ allowed: false, retryAfterMs: 30_000 });
  clock.advance(29_000);
  expect(await count([ann])).toBe(0);
  clock.advance(1000);
  expect(await count(times(20, () => ann))).toBe(1);
  clock.advance(5 * 60_000);
  expect(await count(times(20, () => ann))).toBe(10);
});

it('secrets that nobody guesses and proofs of somebody known have budgets of their own', async () => {
  const { limiter } = limits();
  const count = async (attempt: Parameters<typeof admitAttempt>[1]): Promise<number> => {
    let admitted = 0;
    for (let tried = 0; tried < 200; tried += 1) if ((await admitAttempt(limiter, attempt)).allowed) admitted += 1;
    return admitted;
  };
  expect(await count({ kind: 'secret', address: '192.0.2.1' })).toBe(120);
  expect(await count({ kind: 'proof', principal: 'ann' })).toBe(10);
  expect(await count({ kind: 'proof', principal: 'bob' })).toBe(10);
  expect(await count({ kind: 'password', address: '192.0.2.1', account: 'ann', knownAddress: false })).toBe(10);
});

import { expect, it } from 'vitest';
import { Since, sinceNanoseconds } from './since.ts';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

it.each([
  ['10m', 1_767_322_445_678_000_000n],
  ['2026-01-02T04:04:05.123456789+01:00', 1_767_323_045_123_456_789n],
  ['1969-01-01T00:00:00Z', 0n],
  [1_767_323_045.5, 1_767_323_045_500_000_000n],
  ['999999999d', 0n],
])('%s is %s', (since, nanoseconds) => {
  expect(sinceNanoseconds(Since.parse(since), nowMs)).toBe(nanoseconds);
});

it.each(['10', '10 m', 'm', '-5m', 'yesterday', '2026-01-02', '2026-01-02T03:04:05', 600, -1, '1.5h', ''])(
  'refuses %s',
  (since) => {
    expect(Since.safeParse(since).success).toBe(false);
  },
);

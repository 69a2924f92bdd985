import { z } from 'zod';
import { epochNanoseconds } from './time.ts';

const unitSeconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };
const duration = /^(?:\d{1,9}[dhms])+$/;
/** September 2001. A smaller number is a count of seconds by somebody who meant a duration. */
const firstUnixTime = 1_000_000_000;

/** Where a log begins: Unix time in seconds, RFC 3339 time, or how long ago (`10m`, `1h30m`). */
export const Since = z
  .union([
    z.number().min(firstUnixTime, 'a number is a Unix time in seconds; write a duration as "600s" or "10m"'),
    z.string().regex(duration, 'use a duration such as "10m", "1h30m", "2d"'),
    z.iso.datetime({ offset: true }),
  ])
  .describe('Only lines since then: Unix time in seconds, RFC 3339 time, or a duration such as "10m".');
export type Since = z.infer<typeof Since>;

function durationMs(text: string): number {
  let seconds = 0;
  for (const [, count = '0', unit = 's'] of text.matchAll(/(\d+)([dhms])/g)) {
    seconds += Number(count) * (unitSeconds[unit] ?? 0);
  }
  return seconds * 1000;
}

/** Nanoseconds since the epoch, not below zero. `nowMs` is what a duration counts back from. */
export function sinceNanoseconds(since: Since, nowMs: number): bigint {
  if (typeof since === 'number') return BigInt(Math.round(since * 1000)) * 1_000_000n;
  if (duration.test(since)) return BigInt(Math.max(0, nowMs - durationMs(since))) * 1_000_000n;
  const time = epochNanoseconds(since);
  if (time === undefined) throw new RangeError('not a time');
  return time < 0n ? 0n : time;
}

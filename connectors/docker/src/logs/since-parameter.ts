import { type Since, sinceNanoseconds } from '@countersign/connector-kit';

/** The daemon's spelling, `seconds.nanoseconds` since the epoch. `nowMs` is what a duration counts back from. */
export function sinceParameter(since: Since, nowMs: number): string {
  const time = sinceNanoseconds(since, nowMs);
  return `${time / 1_000_000_000n}.${(time % 1_000_000_000n).toString().padStart(9, '0')}`;
}

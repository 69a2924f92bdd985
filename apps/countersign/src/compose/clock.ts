import type { Clock } from '@countersign/kernel';

/** Epoch time that never goes back while the process lives. */
export const monotonicClock: Clock = { now: () => Math.round(performance.timeOrigin + performance.now()) };

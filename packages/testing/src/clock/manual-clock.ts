/** A clock that stands still until a test moves it. Times are epoch milliseconds. */
export interface ManualClock {
  now(): number;
  /** Moves the clock by a duration in milliseconds; never backwards. */
  advance(durationMs: number): number;
  /** Sets the clock to an instant, also an earlier one, as a machine's clock may be. */
  set(epochMs: number): void;
}

/** Makes a manual clock that starts at 2026-01-01T00:00:00Z unless told otherwise. */
export function makeManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let current = startMs;
  return {
    now: () => current,
    advance: (durationMs) => {
      if (durationMs < 0) throw new RangeError(`advance takes a duration, not ${durationMs}; set() goes back.`);
      current += durationMs;
      return current;
    },
    set: (epochMs) => {
      current = epochMs;
    },
  };
}

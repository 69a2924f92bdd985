import type { Clock } from '@countersign/kernel';
import type { AttemptAnswer, AttemptCounter } from './attempt-limits.ts';

interface Window {
  readonly endsAt: number;
  used: number;
}
const mostKept = 100_000;

/** Counts tries in this process, in windows that begin with the first try. */
export class MemoryAttempts implements AttemptCounter {
  readonly #clock: Clock;
  readonly #windows = new Map<string, Window>();
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take(key: string, { most, perMs }: { most: number; perMs: number }): Promise<AttemptAnswer> {
    const now = this.#clock.now();
    const window = this.#windowOf(key, now, perMs);
    if (window.used >= most) return { allowed: false, retryAfterMs: window.endsAt - now };
    window.used += 1;
    return { allowed: true, retryAfterMs: 0 };
  }

  #windowOf(key: string, now: number, perMs: number): Window {
    const standing = this.#windows.get(key);
    if (standing !== undefined && standing.endsAt > now) return standing;
    this.#windows.delete(key);
    if (this.#windows.size >= mostKept) this.#drop(now);
    const window = { endsAt: now + perMs, used: 0 };
    this.#windows.set(key, window);
    return window;
  }

  /** What is over goes; if all are under way, the oldest does. */
  #drop(now: number): void {
    for (const [key, { endsAt }] of this.#windows) if (endsAt <= now) this.#windows.delete(key);
    for (const oldest of this.#windows.keys()) {
      if (this.#windows.size < mostKept) break;
      this.#windows.delete(oldest);
    }
  }
}

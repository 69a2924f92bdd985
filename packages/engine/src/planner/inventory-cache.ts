import type { Clock } from '@countersign/kernel';
import type { ListedNames } from './list-entities.ts';

interface Kept {
  readonly names: Promise<ListedNames>;
  readonly readAt: number;
}

/**
 * Lists of names, kept for a few seconds by target and kind, so that a question and its answer do not read a system twice.
 * Whoever asks has been found permitted to read the list before.
 */
export class InventoryCache {
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;
  readonly #maxAgeMs: number;

  constructor(clock: Clock, maxAgeMs = 5_000) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /** The list under a key, read anew where it is old. A list with a problem is given to those who wait for it and not kept. */
  async of(key: string, read: () => Promise<ListedNames>): Promise<ListedNames> {
    const now = this.#clock.now();
    const kept = this.#kept.get(key);
    if (kept !== undefined && now >= kept.readAt && now - kept.readAt < this.#maxAgeMs) return await kept.names;
    const names = read();
    const mine: Kept = { names, readAt: now };
    this.#kept.set(key, mine);
    const forget = () => {
      if (this.#kept.get(key) === mine) this.#kept.delete(key);
    };
    try {
      const listed = await names;
      if (listed.problem !== null) forget();
      return listed;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

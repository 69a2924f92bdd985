import type { Clock } from '@countersign/kernel';
import type { ListedNames } from './list-entities.ts';

const gone: ListedNames = { names: [], problem: 'whoever asked did not wait for it', readAt: null };

/** One list that is read for all who wait for it, and no longer than any of them does. */
class SharedList {
  readonly readAt: number;
  readonly #names: Promise<ListedNames>;
  readonly #left = new AbortController();
  #waiting = 0;
  #settled = false;

  constructor(readAt: number, read: (signal: AbortSignal) => Promise<ListedNames>) {
    this.readAt = readAt;
    this.#names = read(this.#left.signal).finally(() => {
      this.#settled = true;
    });
  }

  /** Whether everybody went away before it was there. */
  get isLeft(): boolean {
    return this.#left.signal.aborted;
  }

  /** The list, or that there is none once this caller goes away. */
  async wait(signal: AbortSignal): Promise<ListedNames> {
    const left = Promise.withResolvers<ListedNames>();
    const leave = (): void => {
      left.resolve(gone);
      this.#leave();
    };
    this.#waiting += 1;
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await Promise.race([this.#names, left.promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #leave(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0 && !this.#settled) this.#left.abort();
  }
}

/**
 * Lists of names, used for a few seconds by target and kind, so that a question and its answer do not read a system twice. The
 * last whole list of each is kept beside, for when its target cannot be read. Whoever asks has been found permitted to read the
 * list before.
 */
export class InventoryCache {
  readonly #kept = new Map<string, SharedList>();
  readonly #last = new Map<string, ListedNames>();
  readonly #clock: Clock;
  readonly #maxAgeMs: number;

  constructor(clock: Clock, maxAgeMs = 5_000) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /**
   * The list under a key, read anew where it is older than `maxAgeMs`. A list with a problem is given to those who wait for it and not kept. `read`
   * gets a signal that ends it once nobody waits any more: one of several who goes away ends it for nobody else.
   */
  async of(
    key: string,
    signal: AbortSignal,
    read: (signal: AbortSignal) => Promise<ListedNames>,
    maxAgeMs = this.#maxAgeMs,
  ): Promise<ListedNames> {
    if (signal.aborted) return gone;
    const mine = this.#fresh(key, maxAgeMs) ?? this.#begin(key, read);
    const forget = (): void => {
      if (this.#kept.get(key) === mine) this.#kept.delete(key);
    };
    try {
      const listed = await mine.wait(signal);
      if (listed.problem === null) this.#last.set(key, listed);
      else if (listed !== gone) forget();
      return listed;
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** The last whole list under a key, however old. */
  last(key: string): ListedNames | null {
    return this.#last.get(key) ?? null;
  }

  #fresh(key: string, maxAgeMs: number): SharedList | null {
    const now = this.#clock.now();
    const kept = this.#kept.get(key);
    return kept !== undefined && !kept.isLeft && now >= kept.readAt && now - kept.readAt < maxAgeMs ? kept : null;
  }

  #begin(key: string, read: (signal: AbortSignal) => Promise<ListedNames>): SharedList {
    const list = new SharedList(this.#clock.now(), read);
    this.#kept.set(key, list);
    return list;
  }
}

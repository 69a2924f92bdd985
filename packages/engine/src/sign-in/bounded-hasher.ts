import { CodedError } from '@countersign/protocol';
import type { PasswordHasher } from './ports.ts';

/** How many hashes may be computed at once, and how many may wait. */
export interface HashBounds {
  readonly atOnce: number;
  readonly waiting: number;
}

/** Runs work in turn, a few at once; refuses with E_RATE_LIMITED what would wait too long. */
class Turns {
  readonly #bounds: HashBounds;
  readonly #queue: (() => void)[] = [];
  #running = 0;
  constructor(bounds: HashBounds) {
    this.#bounds = bounds;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#bounds.atOnce) {
      if (this.#queue.length >= this.#bounds.waiting) {
        throw new CodedError('E_RATE_LIMITED', 'too many people sign in at this moment', {
          retry_after_ms: 1000,
          next: 'try again in a second',
        });
      }
      await new Promise<void>((resolve) => this.#queue.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      // Whoever waited takes the place over, so that nobody comes in between.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

/** A hasher of which only so many run at once: each takes a core and 19 MiB for its time. */
export function boundHasher(hasher: PasswordHasher, bounds: HashBounds): PasswordHasher {
  const turns = new Turns(bounds);
  return {
    hash: (password) => turns.run(() => hasher.hash(password)),
    verify: (hash, password) => turns.run(() => hasher.verify(hash, password)),
    decoy: hasher.decoy,
    isOutdated: (hash) => hasher.isOutdated(hash),
  };
}

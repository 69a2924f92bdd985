import type { HeldTail, StreamTail } from '@countersign/engine';
import { FrameCache } from './frames.ts';
import type { Watcher } from './watcher.ts';

/** Under load news goes out this often: the first at once, those that follow together. */
const coalesceMs = 25;
/** Readers served in one go, before others have their turn. */
const sliceWatchers = 500;

/** All readers of one stream at this server. */
export class Broadcast {
  readonly frames = new FrameCache();
  readonly watchers = new Set<Watcher>();
  readonly #held: HeldTail;
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout | null = null;
  #slice: NodeJS.Immediate | null = null;
  #news = false;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(held: HeldTail) {
    this.#held = held;
    this.#stopListening = held.tail.listen(() => this.#hear());
  }

  get tail(): StreamTail {
    return this.#held.tail;
  }

  /** Lets go of the stream. */
  end(): void {
    this.#stopListening();
    this.#held.release();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#slice !== null) clearImmediate(this.#slice);
  }

  #hear(): void {
    this.#news = true;
    if (this.#timer !== null || this.#slice !== null) return;
    const waitMs = this.#sentAt + coalesceMs - performance.now();
    if (waitMs > 0) this.#timer = setTimeout(() => this.#begin(), waitMs);
    // Not within the commit that tells of it: its own answer goes first.
    else this.#slice = setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#timer = null;
    this.#news = false;
    this.#send([...this.watchers], 0);
  }

  #send(watchers: readonly Watcher[], from: number): void {
    this.#slice = null;
    for (const watcher of watchers.slice(from, from + sliceWatchers)) watcher.pump();
    const next = from + sliceWatchers;
    if (next < watchers.length) {
      this.#slice = setImmediate(() => this.#send(watchers, next));
      return;
    }
    this.#sentAt = performance.now();
    // What came meanwhile was missed by those who had been served.
    if (this.#news) this.#hear();
  }
}

import type { Hints, Store, StreamLine } from '@countersign/kernel';
import { type StreamPages, StreamTail } from './stream-tail.ts';

/** A tail that is kept as long as somebody holds it. */
export interface HeldTail {
  readonly tail: StreamTail;
  release(): void;
}

/** How often to look for what nobody told: hints of other servers may be lost. */
const lookEveryMs = 1000;
const tailBytes = 512 * 1024;
const leastTailBytes = 16 * 1024;
const allTailsBytes = 64 * 1024 * 1024;

interface Entry {
  readonly tail: StreamTail;
  holders: number;
}

/** The tails of all streams that somebody follows in this process. */
export class StreamTails {
  readonly #store: Store;
  readonly #hints: Hints | null;
  readonly #entries = new Map<string, Entry>();
  readonly #heard: (key: string) => void;
  #timer: NodeJS.Timeout | null = null;

  /** `heard` is called for streams in which another server says that there is news. */
  constructor(store: Store, hints: Hints | null = null, heard: (key: string) => void = () => undefined) {
    this.#store = store;
    this.#hints = hints;
    this.#heard = heard;
    hints?.listen((key) => this.#hear(key));
  }

  /** Streams that somebody follows. */
  get size(): number {
    return this.#entries.size;
  }

  /** Tells what a unit appended, after its commit: followers here have it at once, those at other servers by a hint. */
  feed(key: string, lines: readonly StreamLine[]): void {
    this.#entries.get(key)?.tail.feed(lines);
    this.#hints?.publish(key);
  }

  /** The tail of a stream; the last one to release it lets go of its memory. */
  hold(key: string): HeldTail {
    const entry = this.#entries.get(key) ?? this.#make(key);
    entry.holders += 1;
    this.#timer ??= setInterval(() => void this.lookAll(), lookEveryMs).unref();
    let held = true;
    return {
      tail: entry.tail,
      release: () => {
        if (!held) return;
        held = false;
        entry.holders -= 1;
        if (entry.holders === 0) this.#entries.delete(key);
        if (this.#entries.size > 0 || this.#timer === null) return;
        clearInterval(this.#timer);
        this.#timer = null;
      },
    };
  }

  /** Looks which streams have more than memory. A database that does not answer is asked again at the next time. */
  async lookAll(): Promise<void> {
    const tails = [...this.#entries.values()].map(({ tail }) => tail).filter((tail) => !tail.ended);
    if (tails.length === 0) return;
    const last = await this.#store
      .read((reads) => reads.streams.lastOf(tails.map(({ key }) => key)))
      .catch(() => new Map<string, number>());
    await Promise.all(tails.filter((tail) => (last.get(tail.key) ?? 0) > tail.last).map((tail) => tail.look()));
  }

  #hear(key: string): void {
    void this.#entries.get(key)?.tail.look();
    this.#heard(key);
  }

  #make(key: string): Entry {
    const store = this.#store;
    const pages: StreamPages = {
      after: (name, sequence, limit) => store.read((reads) => reads.streams.linesAfter(name, sequence, limit)),
      newest: (name, limit) =>
        store.read(async ({ streams }) =>
          streams.linesAfter(name, Math.max(0, (await streams.last(name)) - limit), limit),
        ),
    };
    const share = () => Math.max(leastTailBytes, Math.min(tailBytes, allTailsBytes / this.#entries.size));
    const entry = { tail: new StreamTail(key, pages, share), holders: 0 };
    this.#entries.set(key, entry);
    return entry;
  }
}

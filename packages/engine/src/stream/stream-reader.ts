import type { StreamLine } from '@countersign/kernel';
import type { StreamTail } from './stream-tail.ts';

/** Where a reader's lines go. */
export interface LineSink {
  /** Whether it takes more now; when it does again, it calls the reader's `pump`. */
  hasRoom(): boolean;
  /** Takes lines in order; answers how many of them, fewer only when it wants no more at all. */
  take(lines: readonly StreamLine[]): number;
  /** What was stored when the reader began has been taken. Called once. */
  caughtUp(): void;
  /** There will be no more lines. */
  ended(): void;
  /** The sink has no room, and memory no longer what it lacks. */
  leftBehind(): void;
  /** The database did not answer. */
  failed(error: unknown): void;
}

const firstPageLines = 8;
const mostPageLines = 1000;
const pageBytes = 128 * 1024;
const pieceBytes = 64 * 1024;

/** The first lines up to so many bytes, at least one. */
function firstBytes(lines: readonly StreamLine[], limit: number): readonly StreamLine[] {
  let bytes = 0;
  const over = lines.findIndex(({ text }, index) => {
    bytes += text.length;
    return index > 0 && bytes > limit;
  });
  return over === -1 ? lines : lines.slice(0, over);
}

/**
 * Follows a stream from any place: pages of the database as long as memory does not reach back, then the tail. The
 * hand-over has neither gap nor double, because both are asked for what comes after one and the same position.
 */
export class StreamReader {
  readonly #tail: StreamTail;
  readonly #sink: LineSink;
  readonly #storedLast: number;
  #position: number;
  #pageLines = firstPageLines;
  #paging = false;
  #live = false;
  #caughtUp = false;
  #stopped = false;

  /** The tail must be open. */
  constructor(tail: StreamTail, after: number, sink: LineSink) {
    this.#tail = tail;
    this.#position = after;
    this.#sink = sink;
    this.#storedLast = tail.last;
  }

  /** Goes on as far as there is something to take and room for it. To be called at the beginning, at news and for new room. */
  pump(): void {
    // A reader that stops reading holds what it was given last, so that is never much at once.
    for (let more = true; more && !this.#paging && !this.#stopped; ) {
      const lines = this.#tail.since(this.#position);
      if (!this.#sink.hasRoom()) {
        if (this.#live && lines === null) this.#sink.leftBehind();
        return;
      }
      if (lines === null) {
        void this.#page();
        return;
      }
      this.#live = true;
      const some = firstBytes(lines, pieceBytes);
      this.#give(some);
      more = some.length < lines.length;
    }
  }

  /** Nothing is taken any more. */
  stop(): void {
    this.#stopped = true;
  }

  #give(lines: readonly StreamLine[]): void {
    const taken = lines.length === 0 ? 0 : this.#sink.take(lines);
    this.#position = lines[taken - 1]?.sequence ?? this.#position;
    if (this.#stopped) return;
    if (!this.#caughtUp && this.#position >= this.#storedLast) {
      this.#caughtUp = true;
      this.#sink.caughtUp();
    }
    if (!this.#stopped && this.#tail.ended && this.#position >= this.#tail.last) this.#sink.ended();
  }

  async #page(): Promise<void> {
    this.#paging = true;
    try {
      const lines = await this.#tail.page(this.#position, this.#pageLines);
      if (this.#stopped) return;
      // Nothing there although memory begins later: those lines are gone from the database.
      if (lines.length === 0) this.#position = Math.max(this.#position, this.#tail.first - 1);
      this.#give(lines);
      this.#adapt(lines);
    } catch (error) {
      if (!this.#stopped) this.#sink.failed(error);
      return;
    } finally {
      this.#paging = false;
    }
    this.pump();
  }

  /** The next page has about as many bytes as one should, whatever the lines are like. */
  #adapt(lines: readonly StreamLine[]): void {
    if (lines.length === 0) return;
    const bytes = lines.reduce((sum, { text }) => sum + text.length, 0);
    const fitting = Math.floor((pageBytes * lines.length) / Math.max(1, bytes));
    this.#pageLines = Math.max(1, Math.min(mostPageLines, fitting, this.#pageLines * 8));
  }
}

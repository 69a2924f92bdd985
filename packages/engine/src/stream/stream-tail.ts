import type { StreamLine } from '@countersign/kernel';
import { readJson } from '@countersign/protocol';

/** Where a tail looks for what it was not told. */
export interface StreamPages {
  /** Lines after a sequence number, oldest first. */
  after(key: string, sequence: number, limit: number): Promise<readonly StreamLine[]>;
  /** The newest lines, oldest first. */
  newest(key: string, limit: number): Promise<readonly StreamLine[]>;
}

/** Lines read at once when a tail is opened, and when it has missed some: what is longer comes in several reads. */
const newestLines = 16;
const missedLines = 200;

function isEnd({ text }: StreamLine): boolean {
  if (!text.includes('"type":"end"')) return false;
  const event: unknown = readJson(text);
  return typeof event === 'object' && event !== null && 'type' in event && event.type === 'end';
}

/**
 * The newest lines of one stream in memory, without a gap, for everybody who follows it. Commits of this process feed
 * it; what it missed it reads from the database as soon as it notices.
 */
export class StreamTail {
  readonly key: string;
  readonly #pages: StreamPages;
  readonly #limitBytes: () => number;
  readonly #listeners = new Set<() => void>();
  readonly #asked = new Map<string, Promise<readonly StreamLine[]>>();
  #lines: StreamLine[] = [];
  #bytes = 0;
  #last: number | null = null;
  #ended = false;
  #opening: Promise<void> | null = null;
  #looking: Promise<void> | null = null;
  #missed = false;

  constructor(key: string, pages: StreamPages, limitBytes: () => number) {
    this.key = key;
    this.#pages = pages;
    this.#limitBytes = limitBytes;
  }

  /** Sequence number of the last line; 0 of a stream without one, or before `open`. */
  get last(): number {
    return this.#last ?? 0;
  }

  /** Sequence number of the oldest line in memory; one more than `last` when there is none. */
  get first(): number {
    return this.last - this.#lines.length + 1;
  }

  /** Whether the last line is the stream's end. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Reads the end of the stream; throws when the database does not answer, and may then be called again. */
  open(): Promise<void> {
    if (this.#last !== null) return Promise.resolve();
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** The lines after a sequence number, maybe none yet; null where only the database has them. */
  since(sequence: number): readonly StreamLine[] | null {
    if (this.#last === null || sequence < this.first - 1) return null;
    return sequence >= this.#last ? [] : this.#lines.slice(sequence - this.first + 1);
  }

  /** Lines from the database. Readers that ask the same at the same time share one read. */
  page(sequence: number, limit: number): Promise<readonly StreamLine[]> {
    const name = `${sequence} ${limit}`;
    const known = this.#asked.get(name);
    if (known !== undefined) return known;
    const read = this.#pages.after(this.key, sequence, limit).finally(() => this.#asked.delete(name));
    this.#asked.set(name, read);
    return read;
  }

  /** Takes lines that are durable, in whatever order commits are told: what does not join is read. */
  feed(lines: readonly StreamLine[]): void {
    const last = this.#last;
    if (last === null) {
      this.#missed = true;
      return;
    }
    const fresh = lines.filter(({ sequence }) => sequence > last);
    if (fresh.length === 0) return;
    if (fresh[0]?.sequence === last + 1) this.#append(fresh);
    else void this.look();
  }

  /** Reads what came meanwhile; a failure is left to the next look. Resolves when memory is as new as the database was. */
  look(): Promise<void> {
    this.#missed = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Calls back after each news; answers how to stop. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #open(): Promise<void> {
    const lines = await this.#pages.newest(this.key, newestLines);
    this.#last = lines.at(-1)?.sequence ?? 0;
    this.#keep(lines);
    if (this.#missed) await this.look();
  }

  async #look(): Promise<void> {
    while (this.#missed && this.#last !== null) {
      this.#missed = false;
      for (let whole = true; whole; ) {
        const lines = await this.#pages.after(this.key, this.#last, missedLines).catch(() => []);
        const last = this.#last;
        const fresh = lines.filter(({ sequence }) => sequence > last);
        if (fresh.length > 0) this.#append(fresh);
        whole = lines.length === missedLines;
      }
    }
  }

  #append(lines: readonly StreamLine[]): void {
    // Lines may be gone from the database for good: what is in memory has no gap all the same.
    if (lines[0]?.sequence !== this.last + 1) this.#forget();
    this.#last = lines.at(-1)?.sequence ?? this.last;
    this.#keep(lines);
    for (const listener of this.#listeners) listener();
  }

  #forget(): void {
    this.#lines = [];
    this.#bytes = 0;
  }

  #keep(lines: readonly StreamLine[]): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.#bytes += line.text.length;
    }
    const newest = lines.at(-1);
    this.#ended = newest !== undefined && isEnd(newest);
    const limit = this.#limitBytes();
    let dropped = 0;
    while (this.#bytes > limit && dropped < this.#lines.length - 1) {
      this.#bytes -= this.#lines[dropped]?.text.length ?? 0;
      dropped += 1;
    }
    if (dropped > 0) this.#lines.splice(0, dropped);
  }
}

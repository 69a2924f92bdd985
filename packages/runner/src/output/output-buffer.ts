import type { Scrubber, StreamEvent, StreamScrubber } from '@countersign/protocol';
import { batches, chunkBytes, pieces } from './batch-events.ts';

type Channel = 'stdout' | 'stderr' | 'note';

const flushMs = 50;
/** What a word on progress costs beside its text. */
const progressBytes = 32;

interface Pending {
  readonly step: number;
  readonly channel: Channel;
  text: string;
}

/** Collects a step's output, scrubs it across chunk borders, caps it visibly, and sends it in chunks of 64 KB or 50 ms. */
export class OutputBuffer {
  readonly #send: (events: StreamEvent[]) => Promise<void>;
  readonly #scrubber: Scrubber;
  readonly #streams = new Map<Channel, StreamScrubber>();
  readonly #step: number;
  readonly #capBytes: number;
  #pending: Pending | null = null;
  #events: StreamEvent[] = [];
  #usedBytes = 0;
  #droppedBytes = 0;
  #lines = 0;
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  constructor(step: number, capBytes: number, scrubber: Scrubber, send: (events: StreamEvent[]) => Promise<void>) {
    this.#step = step;
    this.#capBytes = capBytes;
    this.#scrubber = scrubber;
    this.#send = send;
  }

  /** Bytes that went out so far, and whether anything was dropped. */
  get truncated(): boolean {
    return this.#droppedBytes > 0;
  }

  /** Takes output; resolves when it may be followed by more. `false` means the cap is reached. */
  async write(channel: Channel, text: string): Promise<boolean> {
    if (this.#failure !== null) throw this.#failure;
    const stream = this.#streams.get(channel) ?? this.#scrubber.stream();
    this.#streams.set(channel, stream);
    this.#take(channel, stream.push(text));
    if ((this.#pending?.text.length ?? 0) >= chunkBytes) await this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), flushMs);
    return this.#droppedBytes === 0;
  }

  /** Takes a word on how far it is. It counts against the cap as output does, and beyond it is dropped. */
  progress(message: string, fraction: number | null): void {
    const text = this.#scrubber.text(message);
    const size = progressBytes + Buffer.byteLength(text);
    if (this.#usedBytes + size > this.#capBytes) {
      this.#droppedBytes += size;
      return;
    }
    this.#usedBytes += size;
    this.#close();
    this.#events.push({ type: 'progress', step: this.#step, message: text, fraction });
    this.#timer ??= setTimeout(() => void this.flush(), flushMs);
  }

  #take(channel: Channel, text: string): void {
    if (text === '') return;
    const size = Buffer.byteLength(text);
    if (this.#usedBytes + size > this.#capBytes) {
      const room = Math.max(0, this.#capBytes - this.#usedBytes);
      const kept = Buffer.from(text)
        .subarray(0, room)
        .toString('utf8')
        .replace(/\uFFFD+$/u, '');
      this.#droppedBytes += size - Buffer.byteLength(kept);
      this.#usedBytes = this.#capBytes;
      this.#append(channel, kept);
      return;
    }
    this.#usedBytes += size;
    this.#append(channel, text);
  }

  #append(channel: Channel, text: string): void {
    if (text === '') return;
    if (this.#pending?.channel !== channel) this.#close();
    this.#pending ??= { step: this.#step, channel, text: '' };
    this.#pending.text += text;
  }

  /** What is collected becomes events: something else comes after it. */
  #close(): void {
    if (this.#pending === null) return;
    const { step, channel } = this.#pending;
    for (const text of pieces(this.#pending.text)) {
      const count = text.split('\n').length - 1;
      this.#events.push({ type: 'output', step, channel, text, first_line: this.#lines, line_count: count });
      this.#lines += count;
    }
    this.#pending = null;
  }

  #drain(): StreamEvent[] {
    this.#close();
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #queue(events: StreamEvent[]): void {
    for (const batch of batches(events)) {
      this.#sending = this.#sending
        .then(() => this.#send(batch))
        .catch((error: unknown) => {
          this.#failure ??= error;
        });
    }
  }

  /** Sends what is there; resolves once everything before is stored. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue(this.#drain());
    await this.#sending;
  }

  /** Ends the step's output: held-back text goes out, a cut is marked. */
  async end(): Promise<void> {
    for (const [channel, stream] of this.#streams) this.#take(channel, stream.end());
    this.#queue(this.#drain());
    if (this.#droppedBytes > 0) {
      this.#queue([
        { type: 'truncated', step: this.#step, cap_bytes: this.#capBytes, dropped_bytes: this.#droppedBytes },
      ]);
    }
    await this.flush();
    if (this.#failure !== null) throw this.#failure;
  }
}

import { type Credential, type LineSink, StreamReader, type StreamTail } from '@countersign/engine';
import type { Place, StreamLine } from '@countersign/kernel';
import type { StreamClosing } from '@countersign/protocol';
import { type Frame, type FrameCache, heartbeatFrame, noticeFrame } from './frames.ts';
import type { StreamEnd, StreamStats } from './stream-stats.ts';
import type { StreamWriter } from './stream-writer.ts';

/** What one reader asked for, and may have. */
export interface WatchRequest {
  /** What it came with: the stream ends with it. */
  readonly credential: Credential;
  /** Whose word it reads by, and where it reads: the stream ends when that person has no role there any more. */
  readonly root: string;
  readonly place: Place;
  readonly after: number;
  readonly follow: boolean;
  readonly maxMs: number;
  readonly maxEvents: number;
  readonly maxBytes: number;
}

const heartbeatMs = 15_000;
/** A reader that takes nothing for so long is not slow but gone. */
const stallMs = 30_000;
/** How long one that is told to go may take to read why. */
const patienceMs = 5000;
const impatienceMs = 1000;
const retryMs = 1000;

/** One reader of a stream. Holds nothing of what it was sent: what it has not taken yet is in the tail and shared. */
export class Watcher implements LineSink {
  readonly request: WatchRequest;
  readonly #writer: StreamWriter;
  readonly #reader: StreamReader;
  readonly #frames: FrameCache;
  readonly #stats: StreamStats;
  readonly #onEnd: () => void;
  readonly #openedAt = performance.now();
  #writtenAt = performance.now();
  #fullSince: number | null = null;
  #position: number;
  #events = 0;
  #bytes = 0;
  #over = false;

  constructor(
    request: WatchRequest,
    tail: StreamTail,
    parts: { writer: StreamWriter; frames: FrameCache; stats: StreamStats; onEnd: () => void },
  ) {
    this.request = request;
    this.#writer = parts.writer;
    this.#frames = parts.frames;
    this.#stats = parts.stats;
    this.#onEnd = parts.onEnd;
    this.#position = request.after;
    this.#reader = new StreamReader(tail, request.after, this);
    parts.writer.listen(
      () => this.#drained(),
      () => this.leave(),
    );
  }

  /** Takes what there is. */
  pump(): void {
    if (!this.#over) this.#reader.pump();
  }

  /** Looks after the time: heartbeat, longest duration, a reader that has stopped reading. */
  tick(now: number): void {
    if (this.#over) return;
    if (now - this.#openedAt >= this.request.maxMs) this.close('duration');
    else if (this.#fullSince !== null && now - this.#fullSince >= stallMs) this.#drop('stalled');
    else if (this.#fullSince === null && now - this.#writtenAt >= heartbeatMs) this.#write(heartbeatFrame);
  }

  /** Ends the stream and says why and where to resume. */
  close(reason: StreamClosing): void {
    if (this.#over) return;
    const retry_ms = reason === 'ended' || reason === 'revoked' ? null : reason === 'quota' ? 0 : retryMs;
    const data = { after: this.#position, reason, retry_ms };
    this.#write(noticeFrame({ name: 'closing', data }));
    this.#finish(reason, reason === 'shutdown' ? impatienceMs : patienceMs);
  }

  hasRoom(): boolean {
    return this.#fullSince === null;
  }

  take(lines: readonly StreamLine[]): number {
    const some = this.#withinQuota(lines);
    this.#events += some.length;
    this.#stats.events += some.length;
    this.#bytes += this.#write(this.#frames.of(some));
    this.#position = some.at(-1)?.sequence ?? this.#position;
    // Whoever takes less than there is wants no more: nothing would ever wake them for the rest.
    const full = this.#events >= this.request.maxEvents || this.#bytes >= this.request.maxBytes;
    if (full || some.length < lines.length) this.close('quota');
    return some.length;
  }

  caughtUp(): void {
    const after = this.#position;
    this.#write(noticeFrame({ name: 'caught_up', data: { after } }));
    if (!this.request.follow) this.#finish('stored', patienceMs);
  }

  ended(): void {
    // Whoever was sent the last event knows; whoever had it before is told.
    if (this.#events > 0) this.#finish('end', patienceMs);
    else this.close('ended');
  }

  leftBehind(): void {
    this.#drop('slow');
  }

  failed(): void {
    this.close('unavailable');
  }

  /** As many lines as the request may still have, at least one. */
  #withinQuota(lines: readonly StreamLine[]): readonly StreamLine[] {
    const some = lines.slice(0, Math.max(1, this.request.maxEvents - this.#events));
    let bytes = this.#bytes;
    const over = some.findIndex(({ text }, index) => {
      bytes += text.length;
      return index > 0 && bytes > this.request.maxBytes;
    });
    return over === -1 ? some : some.slice(0, over);
  }

  #write(frame: Frame): number {
    this.#writer.write(frame);
    this.#writtenAt = performance.now();
    this.#stats.bytes += frame.plain.length;
    if (this.#fullSince === null && !this.#writer.hasRoom()) this.#fullSince = this.#writtenAt;
    return frame.plain.length;
  }

  #drained(): void {
    if (!this.#writer.hasRoom()) return;
    this.#fullSince = null;
    this.pump();
  }

  /** Too slow: it is told where to resume, and nothing more is kept for it. */
  #drop(why: 'slow' | 'stalled'): void {
    if (this.#over) return;
    this.#write(noticeFrame({ name: 'resync', data: { after: this.#position } }));
    this.#finish(why, impatienceMs);
  }

  /** The reader is gone. */
  leave(): void {
    if (this.#over) return;
    this.#finish('client', null);
    this.#writer.destroy();
  }

  #finish(why: StreamEnd, withinMs: number | null): void {
    this.#over = true;
    this.#reader.stop();
    this.#stats.end(why);
    this.#onEnd();
    if (withinMs !== null) this.#writer.end(withinMs);
  }
}

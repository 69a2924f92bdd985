import { splitTimeStamp, timeStampBytes } from './time-stamp.ts';

const newline = 0x0a;
/** Docker cuts a message of a container at this size and stamps each piece. */
const pieceBytes = 16 * 1024;

/** A message, or a piece of one, as whoever keeps the log stamped it. */
export interface Message {
  readonly time: string | undefined;
  readonly content: Buffer;
}

/**
 * Takes a log without frames apart: that of a container with a terminal, or of a pod. Messages end with a newline, and what
 * is longer than a piece may have a further time stamp inside the line, which is taken out here.
 */
export class StampedSplitter {
  private pending = Buffer.alloc(0);

  push(chunk: Uint8Array): Message[] {
    this.pending = Buffer.concat([this.pending, chunk]);
    return this.take(false);
  }

  /** What is left at the end of the stream. */
  end(): Message[] {
    return this.take(true);
  }

  private take(atEnd: boolean): Message[] {
    const messages: Message[] = [];
    while (this.pending.length > 0) {
      const lineEnd = this.pending.indexOf(newline);
      if (lineEnd < 0 && this.pending.length < timeStampBytes && !atEnd) break;
      const line = lineEnd < 0 ? this.pending : this.pending.subarray(0, lineEnd + 1);
      const { time, content } = splitTimeStamp(line);
      const stampBytes = line.length - content.length;
      const full = content.length > pieceBytes || (content.length === pieceBytes && lineEnd < 0);
      if (lineEnd < 0 && !full && !atEnd) break;
      const piece = full ? content.subarray(0, pieceBytes) : content;
      messages.push({ time, content: piece });
      this.pending = this.pending.subarray(stampBytes + piece.length);
    }
    return messages;
  }
}

const newline = 0x0a;
/** Docker cuts a message of a container at this size and stamps each piece. */
const pieceBytes = 16 * 1024;

import { splitTimeStamp, timeStampBytes } from './time-stamp.ts';

/** A message, or a piece of one, as the daemon stamped it. */
export interface Message {
  readonly time: string | undefined;
  readonly content: Buffer;
}

/**
 * Takes the stream of a container with a terminal apart. It has no frames: messages end with a newline, and what is
 * longer than a piece has a further time stamp inside the line, which is taken out here.
 */
export class TerminalSplitter {
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

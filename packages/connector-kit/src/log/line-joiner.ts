import type { Channel, LogLine } from './log-line.ts';

interface OpenLine {
  time: string | undefined;
  readonly pieces: Buffer[];
  sizeBytes: number;
}

/** Joins messages to lines, per channel, in the order in which the lines end. */
export class LineJoiner {
  private readonly open = new Map<Channel, OpenLine>();
  private readonly maxLineBytes: number;
  private readonly stripReturn: boolean;
  constructor(maxLineBytes: number, stripReturn: boolean) {
    this.maxLineBytes = maxLineBytes;
    this.stripReturn = stripReturn;
  }

  /** The lines that this message completes. A message holds at most one newline, at its end, but none is relied on. */
  push(channel: Channel, time: string | undefined, content: Buffer): LogLine[] {
    const lines: LogLine[] = [];
    let rest = content;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      this.append(channel, time, rest.subarray(0, end));
      lines.push(...this.close(channel));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.append(channel, time, rest);
    if ((this.open.get(channel)?.sizeBytes ?? 0) > this.maxLineBytes) lines.push(...this.close(channel));
    return lines;
  }

  end(): LogLine[] {
    return [...this.open.keys()].flatMap((channel) => this.close(channel));
  }

  private append(channel: Channel, time: string | undefined, piece: Buffer): void {
    const line = this.open.get(channel) ?? { time, pieces: [], sizeBytes: 0 };
    line.pieces.push(piece);
    line.sizeBytes += piece.length;
    this.open.set(channel, line);
  }

  private close(channel: Channel): LogLine[] {
    const line = this.open.get(channel);
    if (line === undefined) return [];
    this.open.delete(channel);
    const text = Buffer.concat(line.pieces).toString('utf8');
    return [{ channel, time: line.time, text: this.stripReturn ? text.replace(/\r$/, '') : text }];
  }
}

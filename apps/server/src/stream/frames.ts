import type { StreamLine } from '@countersign/kernel';
import type { StreamNotice } from '@countersign/protocol';

/** Bytes for the wire, as they are and as one chunk of a chunked answer. */
export interface Frame {
  readonly plain: Buffer;
  readonly chunked: Buffer;
}

/** A text as it is sent. */
export function frameOf(text: string): Frame {
  const bytes = Buffer.byteLength(text);
  const head = `${bytes.toString(16)}\r\n`;
  // One piece of memory for both: the text stands between its length and the line break that a chunk ends with.
  const chunked = Buffer.allocUnsafe(head.length + bytes + 2);
  chunked.write(head, 'latin1');
  chunked.write(text, head.length, 'utf8');
  chunked.write('\r\n', head.length + bytes, 'latin1');
  return { chunked, plain: chunked.subarray(head.length, head.length + bytes) };
}

/** A notice as a named event. */
export function noticeFrame({ name, data }: StreamNotice): Frame {
  return frameOf(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** A comment, which readers ignore: shows both sides and whatever is between them that the connection lives. */
export const heartbeatFrame: Frame = frameOf(': alive\n\n');

function linesFrame(lines: readonly StreamLine[]): Frame {
  let text = '';
  for (const { sequence, text: event } of lines) text += `id: ${sequence}\ndata: ${event}\n\n`;
  return frameOf(text);
}

/** Frames of one stream: lines that go to many readers at the same time are encoded once. */
export class FrameCache {
  readonly #frames = new Map<string, Frame>();

  /** The frame of consecutive lines. */
  of(lines: readonly StreamLine[]): Frame {
    const name = `${lines[0]?.sequence} ${lines.length}`;
    const known = this.#frames.get(name);
    if (known !== undefined) return known;
    const frame = linesFrame(lines);
    if (this.#frames.size === 0) setImmediate(() => this.#frames.clear());
    this.#frames.set(name, frame);
    return frame;
  }
}

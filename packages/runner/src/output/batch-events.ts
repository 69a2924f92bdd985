import type { StreamEvent } from '@countersign/protocol';

/** Largest text of one event in bytes. */
export const chunkBytes = 64 * 1024;
/** What the port takes in one request. */
const eventsAtOnce = 1000;

/** Cuts a text into pieces of at most `chunkBytes`, never inside a character. */
export function pieces(text: string): string[] {
  const bytes = Buffer.from(text);
  const cut: string[] = [];
  for (let from = 0; from < bytes.length; ) {
    let to = Math.min(bytes.length, from + chunkBytes);
    // A byte that begins with the bits 10 continues a character.
    while (to < bytes.length && ((bytes[to] ?? 0) & 0xc0) === 0x80) to -= 1;
    cut.push(bytes.subarray(from, to).toString('utf8'));
    from = to;
  }
  return cut;
}

/** Events in requests that the port takes: not too many, and no more than one full chunk of text in each. */
export function batches(events: readonly StreamEvent[]): StreamEvent[][] {
  const all: StreamEvent[][] = [];
  let room = 0;
  for (const event of events) {
    const bytes = event.type === 'output' ? Buffer.byteLength(event.text) : 0;
    const last = all.at(-1);
    if (last !== undefined && last.length < eventsAtOnce && bytes <= room) {
      last.push(event);
      room -= bytes;
    } else {
      all.push([event]);
      room = chunkBytes - bytes;
    }
  }
  return all;
}

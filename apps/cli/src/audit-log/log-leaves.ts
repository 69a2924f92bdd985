import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CodedError } from '@countersign/protocol';

const newline = 0x0a;
const chunkBytes = 1 << 20;
// An entry holds no bodies of files; what is longer is not one, or is meant to fill the memory of who verifies it.
const longestLeafBytes = 16 * 1024 * 1024;

/** The bytes of an exported log. */
export function exportedLog(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: chunkBytes });
}

/**
 * The leaf hash of each line of an exported log, in order: SHA-256 over a zero byte and the line without its newline.
 * Takes any chunks; throws E_VERIFY when the last line is not ended.
 */
export async function* leafHashes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array[]> {
  let rest: Buffer = Buffer.alloc(0);
  let scratch = Buffer.alloc(64 * 1024);
  for await (const chunk of chunks) {
    const given = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const bytes = rest.length === 0 ? given : Buffer.concat([rest, given]);
    const hashes: Uint8Array[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      const length = end - start;
      if (length + 1 > scratch.length) scratch = Buffer.alloc(length + 1);
      // The first byte stays zero: what makes the hash one of a leaf.
      bytes.copy(scratch, 1, start, end);
      hashes.push(hash('sha256', scratch.subarray(0, length + 1), 'buffer'));
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
    if (rest.length > longestLeafBytes) throw new CodedError('E_VERIFY', 'the log holds a line that is no entry');
    if (hashes.length > 0) yield hashes;
  }
  if (rest.length > 0) throw new CodedError('E_VERIFY', 'the last line of the log is cut off');
}

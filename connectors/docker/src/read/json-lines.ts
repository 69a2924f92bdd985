import { readJson } from '@countersign/protocol';

/** Longest single value of a stream; a daemon's are a few kilobytes. */
const longestBytes = 4 * 1024 * 1024;

/** JSON values that stand one after the other in a stream, each ended by a new line. Throws SyntaxError for what is none. */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      const line = Buffer.concat([...pieces, rest.subarray(0, end)])
        .toString('utf8')
        .trim();
      pieces = [];
      sizeBytes = 0;
      rest = rest.subarray(end + 1);
      if (line !== '') yield readJson(line);
    }
    pieces.push(rest);
    sizeBytes += rest.length;
    if (sizeBytes > longestBytes) throw new SyntaxError('a value of the stream does not end');
  }
  const last = Buffer.concat(pieces).toString('utf8').trim();
  if (last !== '') yield readJson(last);
}

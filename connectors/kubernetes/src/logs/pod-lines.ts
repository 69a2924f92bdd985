import { LineJoiner, type LogLine, StampedSplitter } from '@countersign/connector-kit';

/** Reads the lines of a pod's log, in batches as they come; the kubelet sends both channels as one. */
export async function* podLines(
  chunks: AsyncIterable<Uint8Array>,
  options: { maxLineBytes: number },
): AsyncGenerator<LogLine[]> {
  const splitter = new StampedSplitter();
  const joiner = new LineJoiner(options.maxLineBytes, false);
  for await (const chunk of chunks) {
    yield splitter.push(chunk).flatMap(({ time, content }) => joiner.push('stdout', time, content));
  }
  yield splitter.end().flatMap(({ time, content }) => joiner.push('stdout', time, content));
  yield joiner.end();
}

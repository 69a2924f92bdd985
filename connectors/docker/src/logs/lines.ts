import { LineJoiner, type LogLine, StampedSplitter, splitTimeStamp } from '@countersign/connector-kit';
import { Demultiplexer } from '@countersign/transport';

/**
 * Reads the lines of a log stream, in batches as they come. Lines longer than `maxLineBytes` are cut there, so that a
 * container that never ends a line cannot fill the memory.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  options: { terminal: boolean; maxLineBytes: number },
): AsyncGenerator<LogLine[]> {
  const joiner = new LineJoiner(options.maxLineBytes, options.terminal);
  if (options.terminal) {
    const splitter = new StampedSplitter();
    for await (const chunk of chunks) {
      yield splitter.push(chunk).flatMap(({ time, content }) => joiner.push('stdout', time, content));
    }
    yield splitter.end().flatMap(({ time, content }) => joiner.push('stdout', time, content));
  } else {
    const demultiplexer = new Demultiplexer();
    for await (const chunk of chunks) {
      yield demultiplexer.push(chunk).flatMap(({ channel, payload }) => {
        const { time, content } = splitTimeStamp(payload);
        return joiner.push(channel, time, content);
      });
    }
    demultiplexer.end();
  }
  yield joiner.end();
}

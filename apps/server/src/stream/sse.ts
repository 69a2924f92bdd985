import type { StreamChunk } from '@countersign/kernel';
import type { FastifyReply } from 'fastify';

const heartbeatMs = 15_000;
const slowReaderMs = 30_000;

function drained(reply: FastifyReply, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (drainedInTime: boolean): void => {
      clearTimeout(timer);
      reply.raw.off('drain', onDrain);
      signal.removeEventListener('abort', onAbort);
      resolve(drainedInTime);
    };
    const onDrain = (): void => done(true);
    const onAbort = (): void => done(false);
    const timer = setTimeout(() => done(false), slowReaderMs);
    reply.raw.once('drain', onDrain);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** Writes chunks as server-sent events: the id is the sequence, so that Last-Event-ID resumes. A reader that never reads is told to resync and dropped. */
export async function writeEvents(
  reply: FastifyReply,
  chunks: AsyncIterable<StreamChunk>,
  signal: AbortSignal,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'x-request-id': reply.request.id,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(': open\n\n');
  const heartbeat = setInterval(() => raw.write(': alive\n\n'), heartbeatMs);
  try {
    for await (const chunk of chunks) {
      const written = raw.write(`id: ${chunk.sequence}\ndata: ${JSON.stringify(chunk.event)}\n\n`);
      if (written || signal.aborted) continue;
      if (!(await drained(reply, signal))) {
        raw.write('event: resync\ndata: {}\n\n');
        break;
      }
    }
  } finally {
    clearInterval(heartbeat);
    raw.end();
  }
}

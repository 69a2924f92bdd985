import type { IncomingMessage } from 'node:http';

/** An answer that goes on. `close` ends the connection at once and may be called twice. */
export interface DaemonStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

/** Opens an answer; the abort of `signal` closes the connection, also in mid-stream. */
export async function openStream(
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<IncomingMessage>,
): Promise<DaemonStream> {
  const connection = new AbortController();
  const close = (): void => {
    signal.removeEventListener('abort', close);
    connection.abort();
  };
  signal.addEventListener('abort', close, { once: true });
  try {
    return { chunks: await ask(connection.signal), close };
  } catch (cause) {
    close();
    throw cause;
  }
}

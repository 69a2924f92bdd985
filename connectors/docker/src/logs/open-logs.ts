import type { IncomingMessage } from 'node:http';
import type { DockerRequest } from '@countersign/transport';

/** Which log lines to read. */
export interface LogQuery {
  /** `seconds.nanoseconds` since the epoch. */
  readonly since?: string | undefined;
  readonly tail: number | 'all';
  readonly follow: boolean;
}

/** An open log. `close` ends the connection at once and may be called twice. */
export interface LogStream {
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

/** Opens a container's log with time stamps; the abort of `signal` closes the connection, also in mid-stream. */
export async function openLogs(
  id: string,
  query: LogQuery,
  signal: AbortSignal,
  ask: (request: DockerRequest, signal: AbortSignal) => Promise<IncomingMessage>,
): Promise<LogStream> {
  const connection = new AbortController();
  const close = (): void => {
    signal.removeEventListener('abort', close);
    connection.abort();
  };
  signal.addEventListener('abort', close, { once: true });
  const { since, tail, follow } = query;
  const parameters = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow,
    tail,
    ...(since === undefined ? {} : { since }),
  };
  try {
    const answer = await ask({ path: `/containers/${id}/logs`, query: parameters }, connection.signal);
    return { chunks: answer, close };
  } catch (cause) {
    close();
    throw cause;
  }
}

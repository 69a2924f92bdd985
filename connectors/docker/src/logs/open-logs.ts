import type { DockerClient } from '../client.ts';
import type { DaemonStream } from '../open-stream.ts';

/** Which log lines to read. */
export interface LogQuery {
  /** `seconds.nanoseconds` since the epoch. */
  readonly since?: string | undefined;
  readonly tail: number | 'all';
  readonly follow: boolean;
}

/** Opens a container's log with time stamps; the abort of `signal` closes the connection, also in mid-stream. */
export async function openLogs(
  client: DockerClient,
  id: string,
  { since, tail, follow }: LogQuery,
  signal: AbortSignal,
): Promise<DaemonStream> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow,
    tail,
    ...(since === undefined ? {} : { since }),
  };
  return await client.open('open a log', { path: `/containers/${id}/logs`, query }, signal);
}

import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

/** When a connection is cut: before the server hears of a COMMIT, or after it did it and before its answer comes back. */
export type CutAt = 'before' | 'after';

/** A line to Postgres that cuts connections in the middle of COMMIT. */
export interface CommitCutter extends AsyncDisposable {
  /** The same address by way of the cutter. */
  readonly url: string;
  /** Cuts so far. */
  readonly cuts: number;
  /** Cuts at the `nth` COMMIT from now on. */
  arm(nth: number, at: CutAt): void;
}

/** Puts itself before a Postgres server. */
export async function cutCommits(target: string): Promise<CommitCutter> {
  const address = new URL(target);
  let [cuts, waiting, at]: [number, number, CutAt] = [0, 0, 'before'];
  const open = new Set<Socket>();
  const proxy = createServer((client: Socket) => {
    const server = dial(Number(address.port), address.hostname);
    let swallow = false;
    const drop = (): void => {
      cuts += 1;
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (chunk) => {
      // The simple query that a driver sends: Q, a length, the text.
      const commits = chunk.includes('commit\0') && waiting > 0 && --waiting === 0;
      if (commits && at === 'before') return drop();
      swallow ||= commits;
      server.write(chunk);
    });
    server.on('data', (chunk) => (swallow ? drop() : client.write(chunk)));
    client.on('close', () => server.end());
    server.on('close', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const own = proxy.address();
  if (typeof own !== 'object' || own === null) throw new Error('The proxy has no port.');
  const url = new URL(target);
  url.port = String(own.port);
  return {
    url: url.href,
    get cuts() {
      return cuts;
    },
    arm(nth, when) {
      [waiting, at] = [nth, when];
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

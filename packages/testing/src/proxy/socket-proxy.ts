import { rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';

/** A Unix socket in front of the daemon's, to count its connections and to break them. */
export interface SocketProxy extends AsyncDisposable {
  readonly path: string;
  /** Connections that are open now. */
  open(): number;
  /** When a client last left before the daemon had answered, in epoch milliseconds: what it asked for may go on. */
  leftAt(): number;
  /** Ends all connections and takes none. */
  cutOff(): Promise<void>;
  /** Requests still reach the daemon; its answers are held back. */
  slowDown(): void;
  /** Takes `cutOff` and `slowDown` back; answers held back are lost. */
  heal(): Promise<void>;
}

/** Puts a proxy at `path` before the socket `upstream`. */
export async function proxySocket(path: string, upstream: string): Promise<SocketProxy> {
  const sockets = new Set<Socket>();
  let held = false;
  let leftAt = 0;
  const server = createServer((client) => {
    const daemon = connect(upstream);
    sockets.add(client);
    let answered = false;
    const forget = (): void => {
      if (!answered && sockets.has(client)) leftAt = Date.now();
      sockets.delete(client);
      client.destroy();
      daemon.destroy();
    };
    client.on('error', forget).on('close', forget);
    client.on('data', (chunk) => daemon.write(chunk));
    daemon.on('error', forget);
    daemon.on('data', (chunk) => {
      answered ||= !held;
      if (!held) client.write(chunk);
    });
    daemon.on('end', () => held || client.end());
  });
  const listen = () => new Promise<void>((resolve) => server.listen(path, resolve));
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const cutOff = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    drop();
    await closed;
    await rm(path, { force: true });
  };
  await listen();
  return {
    path,
    open: () => sockets.size,
    leftAt: () => leftAt,
    cutOff,
    slowDown: () => {
      held = true;
    },
    heal: async () => {
      held = false;
      drop();
      if (!server.listening) await listen();
    },
    [Symbol.asyncDispose]: async () => {
      if (server.listening) await cutOff();
    },
  };
}

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { adminAccess } from './admin.ts';

/** A TCP proxy in front of the API server, to count its connections and to break them. TLS passes through it. */
export interface ApiProxy extends AsyncDisposable {
  readonly url: string;
  /** Connections that are open now. */
  open(): number;
  /** Ends all connections and takes none. */
  cutOff(): Promise<void>;
  /** Requests still reach the server; its answers are held back. */
  slowDown(): void;
  /** Takes `cutOff` and `slowDown` back; answers held back are lost. */
  heal(): Promise<void>;
}

/** Puts a proxy before the API server of the tests. */
export async function apiProxy(): Promise<ApiProxy> {
  const upstream = new URL(adminAccess().server);
  const sockets = new Set<Socket>();
  let held = false;
  let port = 0;
  const server = createServer((client) => {
    const api = connect(Number(upstream.port), upstream.hostname);
    sockets.add(client);
    const forget = (): void => {
      sockets.delete(client);
      client.destroy();
      api.destroy();
    };
    client.on('error', forget).on('close', forget);
    client.on('data', (chunk) => api.write(chunk));
    api.on('error', forget).on('close', () => held || forget());
    api.on('data', (chunk) => held || client.write(chunk));
  });
  const listen = async (): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address: AddressInfo | string | null = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    port = address.port;
  };
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const cutOff = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    drop();
    await closed;
  };
  await listen();
  return {
    url: `https://127.0.0.1:${port}`,
    open: () => sockets.size,
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

import { rm } from 'node:fs/promises';
import { connect, createServer, type ListenOptions, type NetConnectOpts, type Socket } from 'node:net';

/** A proxy before one server, to count its connections and to break them. */
export interface BreakableProxy extends AsyncDisposable {
  /** Connections that are open now; with `words`, those that asked last for something with these words in its request line. */
  open(words?: string): number;
  /** Request lines in the order they came; none of what goes by encrypted. */
  asked(): readonly string[];
  /** When a client last left before the server had answered, in epoch milliseconds: what it asked for may go on. */
  leftAt(): number;
  /** Ends all connections and takes none. */
  cutOff(): Promise<void>;
  /** Requests still reach the server; its answers are held back. */
  slowDown(): void;
  /** Takes `cutOff` and `slowDown` back; answers held back are lost. */
  heal(): Promise<void>;
}

const requestLine = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+ HTTP\/1\.1(?=\r\n)/;

/** Puts a proxy at `place` before `upstream`; answers it with the TCP port it got, 0 for a socket. */
export async function openBreakableProxy(
  place: ListenOptions,
  upstream: NetConnectOpts,
): Promise<{ proxy: BreakableProxy; port: number }> {
  const clients = new Map<Socket, string>();
  const asked: string[] = [];
  let held = false;
  let leftAt = 0;
  let port = 0;
  const server = createServer((client) => {
    const behind = connect(upstream);
    clients.set(client, '');
    let answered = false;
    const forget = (): void => {
      if (!answered && clients.has(client)) leftAt = Date.now();
      clients.delete(client);
      client.destroy();
      behind.destroy();
    };
    client.on('error', forget).on('close', forget);
    client.on('data', (chunk) => {
      const [line] = requestLine.exec(chunk.toString('latin1')) ?? [];
      if (line !== undefined) {
        asked.push(line);
        clients.set(client, line);
      }
      behind.write(chunk);
    });
    behind.on('error', forget);
    behind.on('data', (chunk) => {
      answered ||= !held;
      if (!held) client.write(chunk);
    });
    behind.on('end', () => held || client.end());
  });
  const listen = async (): Promise<void> => {
    await new Promise<void>((resolve) => server.listen(port === 0 ? place : { ...place, port }, resolve));
    const address = server.address();
    if (address !== null && typeof address !== 'string') port = address.port;
  };
  const drop = (): void => {
    for (const client of clients.keys()) client.destroy();
  };
  const cutOff = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    drop();
    await closed;
    if (place.path !== undefined) await rm(place.path, { force: true });
  };
  await listen();
  const proxy: BreakableProxy = {
    open: (words = '') => [...clients.values()].filter((line) => line.includes(words)).length,
    asked: () => asked,
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
  return { proxy, port };
}

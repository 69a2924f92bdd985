import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the proxy does to one connection. Everything left out is done as a good network would. */
export interface Treatment {
  /** Milliseconds by which each piece of an answer comes late. */
  readonly delayMs?: number;
  /** Bytes of an answer that pass in a second, in small pieces: a slow line, or a reader that trickles. */
  readonly bytesPerSecond?: number;
  /** Bytes of an answer after which the connection is reset, maybe in the middle of a character. */
  readonly resetAfterBytes?: number;
  /** Bytes of an answer after which nothing more is read from the server, while the connection stays. */
  readonly stopAfterBytes?: number;
  /** Bytes of an answer after which our side says that it has nothing more to say (FIN), and goes on reading nothing. */
  readonly halfCloseAfterBytes?: number;
}

/** A TCP proxy before one server, for tests that need a bad network or a bad reader. */
export interface TcpProxy extends AsyncDisposable {
  readonly url: string;
  /** Connections that were made, open or not. */
  readonly connections: number;
  /** Connections that are open now. */
  open(): number;
  /** How often a treatment struck: resets, stops and half-closes, and pieces held back by delay or throttle. */
  struck(): number;
  /** How the next connections are treated. */
  treat(next: Treatment): void;
  /** Resets every open connection. */
  resetAll(): void;
}

const tickMs = 20;

class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #treatment: Treatment;
  readonly #strike: () => void;
  #passed = 0;
  #late = 0;
  #waiting = Buffer.alloc(0);
  #timer: NodeJS.Timeout | null = null;

  constructor(client: Socket, server: Socket, treatment: Treatment, strike: () => void) {
    this.#client = client;
    this.#server = server;
    this.#treatment = treatment;
    this.#strike = strike;
    client.on('data', (bytes) => server.write(bytes));
    client.on('end', () => server.end());
    server.on('data', (bytes) => this.#answer(bytes));
    server.on('end', () => this.#flushThen(() => client.end()));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        if (this.#timer !== null && one === client) clearInterval(this.#timer);
        if (one === client) server.destroy();
      });
    }
  }

  reset(): void {
    this.#server.resetAndDestroy();
    this.#client.resetAndDestroy();
  }

  #answer(bytes: Buffer): void {
    const { delayMs, bytesPerSecond } = this.#treatment;
    if (bytesPerSecond !== undefined) this.#trickle(bytes, bytesPerSecond);
    else if (delayMs === undefined) this.#pass(bytes);
    else {
      this.#strike();
      this.#late += 1;
      setTimeout(() => {
        this.#late -= 1;
        this.#pass(bytes);
      }, delayMs);
    }
  }

  #trickle(bytes: Buffer, bytesPerSecond: number): void {
    this.#strike();
    this.#waiting = Buffer.concat([this.#waiting, bytes]);
    // What does not pass stays with the sender: the proxy takes no more than it can give.
    this.#server.pause();
    this.#timer ??= setInterval(() => {
      const size = Math.max(1, Math.floor((bytesPerSecond * tickMs) / 1000));
      const piece = this.#waiting.subarray(0, size);
      this.#waiting = this.#waiting.subarray(piece.length);
      if (piece.length > 0) this.#pass(piece);
      if (this.#waiting.length === 0) this.#server.resume();
    }, tickMs);
  }

  #pass(bytes: Buffer): void {
    const { resetAfterBytes, stopAfterBytes, halfCloseAfterBytes } = this.#treatment;
    const limit = resetAfterBytes ?? stopAfterBytes ?? halfCloseAfterBytes;
    const room = limit === undefined ? bytes.length : Math.max(0, limit - this.#passed);
    const passing = bytes.subarray(0, room);
    this.#passed += passing.length;
    if (bytes.length < room || limit === undefined) {
      if (!this.#client.write(passing)) this.#holdBack();
      return;
    }
    this.#strike();
    if (resetAfterBytes !== undefined) {
      // What passed reaches the reader before the reset does.
      this.#client.write(passing, () => this.reset());
      return;
    }
    this.#client.write(passing);
    this.#server.pause();
    if (halfCloseAfterBytes !== undefined) this.#server.end();
  }

  /** A client that does not read holds the server back, as it would without a proxy. */
  #holdBack(): void {
    this.#server.pause();
    this.#client.once('drain', () => this.#server.resume());
  }

  #flushThen(then: () => void): void {
    if (this.#waiting.length === 0 && this.#late === 0) then();
    else setTimeout(() => this.#flushThen(then), tickMs);
  }
}

/** Opens a proxy on a free port before the server at `target`, an `http://host:port` address. */
export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Map<Socket, Pair>();
  let treatment: Treatment = {};
  let made = 0;
  let struck = 0;
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    made += 1;
    const upstream = connect({ host: hostname, port: Number(port), allowHalfOpen: true, noDelay: true });
    client.setNoDelay(true);
    const pair = new Pair(client, upstream, treatment, () => {
      struck += 1;
    });
    pairs.set(client, pair);
    client.on('close', () => pairs.delete(client));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  const resetAll = (): void => {
    for (const pair of pairs.values()) pair.reset();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return made;
    },
    open: () => pairs.size,
    struck: () => struck,
    treat: (next) => {
      treatment = next;
    },
    resetAll,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      resetAll();
      await closed;
    },
  };
}

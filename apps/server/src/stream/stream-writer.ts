import type { ServerResponse } from 'node:http';
import type { Frame } from './frames.ts';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const;
const keepAliveMs = 60_000;

/**
 * The server's side of one SSE answer. Frames go to the socket as they are, made once for all readers:
 * `ServerResponse.write` would frame every one of them anew, in three writes.
 */
export class StreamWriter {
  readonly #raw: ServerResponse;
  /** False while an earlier answer on the same connection is still being sent: then Node must keep the order. */
  readonly #direct: boolean;
  readonly #chunked: boolean;

  /** `given` are the headers that every answer of the server has. */
  constructor(raw: ServerResponse, given: Readonly<Record<string, string | number | string[] | undefined>>) {
    this.#raw = raw;
    for (const [name, value] of Object.entries(given)) if (value !== undefined) raw.setHeader(name, value);
    raw.writeHead(200, headers);
    raw.write(': open\nretry: 1000\n\n');
    this.#direct = raw.socket !== null;
    this.#chunked = raw.chunkedEncoding;
    raw.socket?.setKeepAlive(true, keepAliveMs);
    raw.socket?.setNoDelay(true);
  }

  /** Whether what was written before has left for the network, or nearly. */
  hasRoom(): boolean {
    const { socket } = this.#raw;
    return !this.#raw.writableNeedDrain && socket?.writableNeedDrain !== true;
  }

  /** Calls back whenever there is room again, once when the reader is gone. */
  listen(room: () => void, gone: () => void): void {
    const { socket } = this.#raw;
    this.#raw.on('drain', room);
    this.#raw.on('error', () => undefined);
    this.#raw.once('close', gone);
    if (socket === null) return;
    socket.on('drain', room);
    // A reader that has closed its side is answered no more: Node ends the connection, and a write would be an error.
    socket.once('end', gone);
    this.#raw.once('close', () => {
      socket.off('drain', room);
      socket.off('end', gone);
    });
  }

  write(frame: Frame): void {
    if (this.#direct) this.#raw.socket?.write(this.#chunked ? frame.chunked : frame.plain);
    else this.#raw.write(frame.plain);
  }

  /** Ends the answer; the connection is cut when the reader has not taken the rest in time. */
  end(withinMs: number): void {
    const { socket } = this.#raw;
    const timer = setTimeout(() => socket?.destroy(), withinMs).unref();
    this.#raw.once('close', () => clearTimeout(timer));
    this.#raw.end();
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#raw.socket?.destroy();
  }
}

import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { waitUntil } from '@countersign/testing';

/** One server-sent event as it came. `name` is empty for the stream's own. */
export interface RawEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
}

/** Takes the chunks of a chunked answer apart. */
export class Dechunker {
  #rest: Buffer = Buffer.alloc(0);
  #left = 0;
  /** The last chunk has come. */
  over = false;

  /** The body that these bytes hold. */
  push(bytes: Buffer): Buffer {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const body: Buffer[] = [];
    while (!this.over) {
      if (this.#left > 0) {
        const piece = this.#rest.subarray(0, Math.max(0, Math.min(this.#left - 2, this.#rest.length)));
        body.push(piece);
        this.#rest = this.#rest.subarray(piece.length);
        this.#left -= piece.length;
        if (this.#left > 2 || this.#rest.length < 2) break;
        if (this.#rest.subarray(0, 2).toString('latin1') !== '\r\n') throw new Error('a chunk has no end');
        this.#rest = this.#rest.subarray(2);
        this.#left = 0;
        continue;
      }
      const end = this.#rest.indexOf('\r\n');
      if (end === -1) break;
      const size = Number.parseInt(this.#rest.subarray(0, end).toString('latin1'), 16);
      if (!Number.isSafeInteger(size)) throw new Error('a chunk has no length');
      if (size === 0) {
        if (this.#rest.length < end + 4) break;
        this.over = true;
        this.#rest = this.#rest.subarray(end + 4);
      } else {
        this.#left = size + 2;
        this.#rest = this.#rest.subarray(end + 2);
      }
    }
    return Buffer.concat(body);
  }
}

/** Events of a body that may be cut anywhere: only whole ones count. */
export function eventsOf(text: string): RawEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      return field('data') === '' ? [] : [{ id: field('id'), name: field('event'), data: field('data') }];
    });
}

/** A reader of one stream over a socket of its own: no library between the test and the bytes. */
export class RawReader {
  readonly socket: Socket;
  head = '';
  text = '';
  closed = false;
  /** The answer is whole, the connection may live on. */
  over = false;
  readonly #dechunker = new Dechunker();
  readonly #decoder = new StringDecoder('utf8');

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.closed = true;
    });
    this.socket.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  /** Asks for a path; what came before is forgotten. */
  ask(path: string, token: string, headers: Readonly<Record<string, string>> = {}): void {
    this.head = '';
    this.text = '';
    const lines = Object.entries({ host: 'test', authorization: `Bearer ${token}`, ...headers });
    this.socket.write(`GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  }

  events(): RawEvent[] {
    return eventsOf(this.text);
  }

  /** Sequence numbers of the stream's own events. */
  ids(): number[] {
    return this.events().flatMap(({ id, name }) => (name === '' ? [Number(id)] : []));
  }

  /** Waits for a notice and answers its data. */
  async notice(name: string, timeoutMs = 20_000): Promise<Record<string, unknown>> {
    return await waitUntil(
      `the notice ${name}`,
      () => {
        const found = this.events().find((event) => event.name === name);
        return found === undefined ? false : JSON.parse(found.data);
      },
      { timeoutMs, intervalMs: 10 },
    );
  }

  #read(bytes: Buffer): void {
    if (this.head !== '') {
      this.#body(bytes);
      return;
    }
    const all = Buffer.from(this.text + bytes.toString('latin1'), 'latin1');
    const end = all.indexOf('\r\n\r\n');
    this.text = '';
    if (end === -1) {
      this.text = all.toString('latin1');
      return;
    }
    this.head = all.subarray(0, end).toString('latin1');
    this.#body(all.subarray(end + 4));
  }

  #body(bytes: Buffer): void {
    if (/^transfer-encoding: chunked$/im.test(this.head)) {
      this.text += this.#decoder.write(this.#dechunker.push(bytes));
      this.over = this.#dechunker.over;
    } else this.text += this.#decoder.write(bytes);
  }
}

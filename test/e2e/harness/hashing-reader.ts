import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { Dechunker } from './raw-stream.ts';

/** What one reader had: a hash of the whole body without what may differ, the notices and heartbeats. */
export class HashingReader {
  readonly hash = createHash('sha256');
  readonly socket: Socket;
  over = false;
  answered = false;
  #rest = '';
  #body = false;
  readonly #dechunker = new Dechunker();

  constructor(url: string, path: string, token: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port) });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => this.#take(text));
    this.socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n\r\n`);
  }

  #take(text: string): void {
    let bytes = text;
    if (!this.#body) {
      this.#rest += text;
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      bytes = this.#rest.slice(end + 4);
      this.#rest = '';
      this.#body = true;
      this.answered = true;
    }
    const blocks = (this.#rest + this.#dechunker.push(Buffer.from(bytes, 'latin1')).toString('latin1')).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) if (block.startsWith('id: ')) this.hash.update(`${block}\n\n`, 'latin1');
    this.over = this.#dechunker.over;
  }
}

import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { describeServer } from './harness/describe-server.ts';
import { append, outputOf, waitingOperation } from './harness/fill-stream.ts';
import { Dechunker } from './harness/raw-stream.ts';

const watchers = 1000;

/** What one reader had: a hash of the whole body without what may differ, the notices and heartbeats. */
class HashingReader {
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

describeServer('a thousand readers of one stream', { config: { streams: { per_principal: 2000 } } }, (open) => {
  it('have all of it, byte for byte (DO-18)', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const readers: HashingReader[] = [];
    // A part is there from the beginning, the others come while it goes on, some of them from the very first event.
    const join = (count: number) => {
      for (let n = 0; n < count; n += 1) {
        readers.push(new HashingReader(stage.url, `/v1/ops/${opId}/events`, stage.vera.token));
      }
    };
    join(400);
    await waitUntil('the first are there', () => readers.every(({ answered }) => answered), { timeoutMs: 60_000 });
    for (let round = 0; round < 60; round += 1) {
      await append(stage, opId, [outputOf(`round ${round} ${'x'.repeat(round * 3)}\n`), outputOf(`é€ ${round}\n`)]);
      join(10);
    }
    await stage.alice.client.call('opsCancel', { params: { op_id: opId }, body: {} });
    await waitUntil('all have the end', () => readers.every(({ over }) => over), { timeoutMs: 90_000, intervalMs: 50 });
    const lines = await stage.running.context.store.read((reads) => reads.streams.linesAfter(opId, 0, 1000));
    const wanted = createHash('sha256');
    for (const { sequence, text } of lines) wanted.update(`id: ${sequence}\ndata: ${text}\n\n`);
    const hash = wanted.digest('hex');
    expect(lines.length).toBeGreaterThan(120);
    expect(readers).toHaveLength(watchers);
    expect(new Set(readers.map((reader) => reader.hash.digest('hex')))).toEqual(new Set([hash]));
    for (const { socket } of readers) socket.destroy();
  });
});

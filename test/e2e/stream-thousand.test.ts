import { createHash } from 'node:crypto';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { describeServer } from './harness/describe-server.ts';
import { append, outputOf, waitingOperation } from './harness/fill-stream.ts';
import { HashingReader } from './harness/hashing-reader.ts';

const watchers = 1000;

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

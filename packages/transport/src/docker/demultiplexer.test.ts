import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Demultiplexer, type Frame } from './demultiplexer.ts';

function frameBytes(channel: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(channel, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const borders = [0, ...at.map((each) => each % (bytes.length + 1)).sort((left, right) => left - right), bytes.length];
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

it('gives the same frames wherever the stream is cut', () => {
  const frames = fc.array(fc.record({ channel: fc.constantFrom(0, 1, 2), payload: fc.uint8Array({ maxLength: 40 }) }));
  fc.assert(
    fc.property(frames, fc.array(fc.nat(2000)), (sent, borders) => {
      const bytes = Buffer.concat(sent.map(({ channel, payload }) => frameBytes(channel, payload)));
      const demultiplexer = new Demultiplexer();
      const got: Frame[] = cut(bytes, borders).flatMap((chunk) => demultiplexer.push(chunk));
      demultiplexer.end();
      expect(got.map(({ channel, payload }) => [channel, [...payload]])).toEqual(
        sent.map(({ channel, payload }) => [channel === 2 ? 'stderr' : 'stdout', [...payload]]),
      );
    }),
  );
});

it('refuses a stream that ends inside a frame', () => {
  const demultiplexer = new Demultiplexer();
  demultiplexer.push(frameBytes(1, Buffer.from('whole')).subarray(0, 10));
  expect(() => demultiplexer.end()).toThrow('broke off');
});

it('refuses what is not multiplexed', () => {
  expect(() => new Demultiplexer().push(Buffer.from('plain text of a terminal\n'))).toThrow('not multiplexed');
  expect(() => new Demultiplexer().push(frameBytes(7, Buffer.from('x')))).toThrow('not multiplexed');
});

it('reports an error frame of the daemon as a refusal, without secrets', () => {
  const push = () => new Demultiplexer().push(frameBytes(3, Buffer.from('Error grabbing logs: TOKEN=abc')));
  expect(push).toThrow(
    expect.objectContaining({
      code: 'E_TARGET_REFUSED',
      detail: { daemon_message: 'Error grabbing logs: TOKEN=***' },
    }),
  );
});

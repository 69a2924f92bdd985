import type { LogLine } from '@countersign/connector-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from './lines.ts';

const stamp = '2026-01-02T03:04:05.000000006Z';

async function* chunked(bytes: Buffer, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

async function linesOf(bytes: Buffer, terminal: boolean, sizeBytes = 7, maxLineBytes = 1_000_000): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const batch of readLines(chunked(bytes, sizeBytes), { terminal, maxLineBytes })) lines.push(...batch);
  return lines;
}

function message(channel: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(channel, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

describe('multiplexed', () => {
  it('keeps the order over both channels and takes the time stamps off', async () => {
    const bytes = Buffer.concat([
      message(1, `${stamp} one\n`),
      message(2, `${stamp} two\n`),
      message(1, `${stamp} three`),
    ]);
    expect(await linesOf(bytes, false)).toEqual([
      { channel: 'stdout', time: stamp, text: 'one' },
      { channel: 'stderr', time: stamp, text: 'two' },
      { channel: 'stdout', time: stamp, text: 'three' },
    ]);
  });

  it('joins the pieces of a long line, each stamped, past lines of the other channel', async () => {
    const bytes = Buffer.concat([
      message(1, `${stamp} begin `),
      message(2, `${stamp} between\n`),
      message(1, `${stamp} end\n`),
    ]);
    expect((await linesOf(bytes, false)).map(({ text }) => text)).toEqual(['between', 'begin end']);
  });

  it('keeps characters whole wherever a chunk was cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\n\r]/g, ''))),
        fc.integer({ min: 1, max: 20 }),
        async (texts, sizeBytes) => {
          const bytes = Buffer.concat(texts.map((text) => message(1, `${stamp} ${text}\n`)));
          expect((await linesOf(bytes, false, sizeBytes)).map(({ text }) => text)).toEqual(texts);
        },
      ),
    );
  });

  it('cuts a line that does not end', async () => {
    const bytes = Buffer.concat(Array.from({ length: 10 }, () => message(1, 'x'.repeat(100))));
    const lines = await linesOf(bytes, false, 64, 250);
    expect(lines.map(({ text }) => text.length)).toEqual([300, 300, 300, 100]);
  });
});

describe('terminal', () => {
  it('takes time stamps and carriage returns off', async () => {
    const lines = await linesOf(Buffer.from(`${stamp} one\r\n${stamp} \r\n${stamp} three\r\n`), true);
    expect(lines.map(({ text }) => text)).toEqual(['one', '', 'three']);
    expect(lines.every(({ time, channel }) => time === stamp && channel === 'stdout')).toBe(true);
  });

  it.each([1, 7, 4096, 100_000])(
    'takes the stamp out of the middle of a long line (chunks of %i bytes)',
    async (size) => {
      const long = 'x'.repeat(16 * 1024);
      const bytes = Buffer.from(`${stamp} ${long}${stamp} ${long}${stamp} tail\r\n${stamp} next\r\n`);
      expect((await linesOf(bytes, true, size)).map(({ text }) => text)).toEqual([`${long}${long}tail`, 'next']);
    },
  );

  it('keeps a last line without an end, and lines without a stamp', async () => {
    expect((await linesOf(Buffer.from('a\nb'), true)).map(({ text, time }) => [text, time])).toEqual([
      ['a', undefined],
      ['b', undefined],
    ]);
  });
});

import { createScrubber, OutputRequest, type StreamEvent } from '@countersign/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputBuffer } from './output-buffer.ts';

type Chunk = { channel: 'stdout' | 'stderr'; text: string };
const secret = 'S3cr3t-Pa55+w/rd';

async function send(chunks: readonly Chunk[], capBytes: number, flushEach = false) {
  const sends: StreamEvent[][] = [];
  const buffer = new OutputBuffer(3, capBytes, createScrubber([secret]), async (events) => {
    sends.push(events);
  });
  const more: boolean[] = [];
  for (const { channel, text } of chunks) {
    more.push(await buffer.write(channel, text));
    if (flushEach) await buffer.flush();
  }
  await buffer.end();
  const events = sends.flat();
  const output = events.filter((event) => event.type === 'output');
  const textOf = (channel: string) =>
    output.flatMap((event) => (event.channel === channel ? [event.text] : [])).join('');
  const bytes = output.reduce((sum, event) => sum + Buffer.byteLength(event.text), 0);
  const marks = events.filter((event) => event.type === 'truncated');
  return { sends, events, output, textOf, bytes, marks, more, truncated: buffer.truncated };
}

const chunks = fc.array(
  fc.record({
    channel: fc.constantFrom<Chunk['channel']>('stdout', 'stderr'),
    text: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.constantFrom('line\n', '€€€', '👩‍🚀', '')),
  }),
  { maxLength: 12 },
);

describe('the cap', () => {
  it('is never passed, and a cut is marked with exactly what was dropped', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.nat(60), fc.boolean(), async (given, cap, flushEach) => {
        const { bytes, marks, output, events, truncated, more } = await send(given, cap, flushEach);
        const whole = given.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
        expect(bytes).toBeLessThanOrEqual(cap);
        expect(truncated).toBe(whole > cap);
        expect(marks).toEqual(
          whole > cap ? [{ type: 'truncated', step: 3, cap_bytes: cap, dropped_bytes: whole - bytes }] : [],
        );
        if (whole > cap) expect(events.at(-1)?.type).toBe('truncated');
        expect(output.every((event) => event.text !== '' && event.text.isWellFormed())).toBe(true);
        if (more.includes(false)) expect(truncated).toBe(true);
      }),
    );
  });

  it('counts progress as well, which is in its place among the output', async () => {
    const sends: StreamEvent[][] = [];
    const buffer = new OutputBuffer(3, 200, createScrubber([]), async (events) => {
      sends.push(events);
    });
    await buffer.write('stdout', 'a');
    buffer.progress('half', 0.5);
    await buffer.write('stdout', 'b');
    for (let count = 0; count < 1000; count += 1) buffer.progress('m'.repeat(20), null);
    await buffer.end();
    const events = sends.flat();
    const bytes = events.reduce((sum, event) => {
      if (event.type === 'progress') return sum + 32 + event.message.length;
      return event.type === 'output' ? sum + event.text.length : sum;
    }, 0);
    expect(bytes).toBeLessThanOrEqual(200);
    expect(events.slice(0, 3).map(({ type }) => type)).toEqual(['output', 'progress', 'output']);
    expect(events.at(-1)).toMatchObject({ type: 'truncated', dropped_bytes: 38 + 1000 * 52 - bytes });
  });

  it('tells the writer that it is reached', async () => {
    const { more } = await send(
      ['12345', '67890', 'x'].map((text) => ({ channel: 'stdout', text })),
      10,
    );
    expect(more).toEqual([true, true, false]);
  });
});

describe('what goes out', () => {
  it('is what came in, in order by channel, with a dense count of lines', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.boolean(), async (given, flushEach) => {
        const { textOf, output } = await send(given, 1_000_000, flushEach);
        for (const channel of ['stdout', 'stderr']) {
          const wanted = given.flatMap((chunk) => (chunk.channel === channel ? [chunk.text] : [])).join('');
          expect(textOf(channel)).toBe(wanted);
        }
        let line = 0;
        for (const event of output) {
          expect(event.first_line).toBe(line);
          expect(event.line_count).toBe(event.text.split('\n').length - 1);
          line += event.line_count;
        }
      }),
    );
  });

  it('never holds a secret, wherever it is cut and in whichever spelling', async () => {
    const spellings = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('hex'),
      btoa(secret).slice(0, 21),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...spellings),
        fc.array(fc.nat(60), { maxLength: 5 }),
        fc.integer({ min: 1, max: 200 }),
        fc.boolean(),
        async (spelling, cuts, cap, flushEach) => {
          const text = `before ${spelling} between ${spelling} after`;
          const places = [0, ...cuts.sort((a, b) => a - b), text.length];
          const parts = places.slice(1).map((end, index) => text.slice(places[index], end));
          const { textOf } = await send(
            parts.map((part) => ({ channel: 'stdout', text: part })),
            cap,
            flushEach,
          );
          expect(textOf('stdout')).not.toContain(spelling);
          if (cap === 200) expect(textOf('stdout')).toBe('before [secret] between [secret] after');
        },
      ),
    );
  });

  it('fits the port: no chunk above 64 KB, no more than 1000 events at once', async () => {
    const sends: StreamEvent[][] = [];
    const buffer = new OutputBuffer(0, 10_000_000, createScrubber([]), async (events) => {
      sends.push(events);
    });
    for (let count = 0; count < 2500; count += 1) buffer.progress(`${count}`, null);
    await buffer.write('stdout', '€\n'.repeat(100_000));
    await buffer.end();
    for (const events of sends) expect(OutputRequest.safeParse({ first: 1, events }).success).toBe(true);
    const events = sends.flat();
    const output = events.flatMap((event) => (event.type === 'output' ? [event.text] : []));
    expect(Math.max(...output.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(64 * 1024);
    expect(output.join('')).toBe('€\n'.repeat(100_000));
    expect(events.filter((event) => event.type === 'progress')).toHaveLength(2500);
  });
});

describe('a port that fails', () => {
  it('is told to whoever writes next, and at the end', async () => {
    const gone = new Error('gone');
    const buffer = new OutputBuffer(0, 100, createScrubber([]), () => Promise.reject(gone));
    await buffer.write('stdout', 'x');
    await buffer.flush();
    await expect(buffer.write('stdout', 'y')).rejects.toBe(gone);
    await expect(buffer.end()).rejects.toBe(gone);
  });
});

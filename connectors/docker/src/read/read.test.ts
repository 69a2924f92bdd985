import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLines } from './json-lines.ts';
import { hasBefore, StatsAnswer, sampleOf } from './sample.ts';
import { plainLabels, plainVariables } from './withheld.ts';

async function all(chunks: readonly Uint8Array[]): Promise<unknown[]> {
  const values: unknown[] = [];
  const stream = (async function* () {
    yield* chunks;
  })();
  for await (const value of jsonLines(stream)) values.push(value);
  return values;
}

describe('values of a stream', () => {
  it('are the same wherever it is cut', async () => {
    const values = fc.array(fc.oneof(fc.string(), fc.integer(), fc.record({ a: fc.string({ unit: 'grapheme' }) })));
    await fc.assert(
      fc.asyncProperty(values, fc.array(fc.nat(500)), async (sent, cuts) => {
        const bytes = Buffer.from(sent.map((value) => `${JSON.stringify(value)}\r\n`).join(''));
        const borders = [0, ...cuts.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        expect(await all(borders.slice(1).map((end, index) => bytes.subarray(borders[index], end)))).toEqual(sent);
      }),
    );
  });

  it('end with an error where one is cut off or never ends', async () => {
    await expect(all([Buffer.from('{"a":')])).rejects.toThrow(SyntaxError);
    await expect(all(Array.from({ length: 5 }, () => Buffer.alloc(1024 * 1024, 0x61)))).rejects.toThrow('does not end');
  });
});

describe('a sample', () => {
  const answer = StatsAnswer.parse({
    read: '2026-01-01T00:00:01Z',
    cpu_stats: { cpu_usage: { total_usage: 300 }, system_cpu_usage: 2000, online_cpus: 2 },
    precpu_stats: { cpu_usage: { total_usage: 100 }, system_cpu_usage: 1000 },
    memory_stats: { usage: 1000, limit: 4000, stats: { inactive_file: 400 } },
    pids_stats: { current: 3 },
    networks: { eth0: { rx_bytes: 5, tx_bytes: 6 }, eth1: { rx_bytes: 1, tx_bytes: 1 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { op: 'Read', value: 7 },
        { op: 'write', value: 8 },
        { op: 'Total', value: 15 },
      ],
    },
  });

  it('counts CPU since the sample before, memory without what can be had back', () => {
    expect(sampleOf(answer)).toEqual({
      ...{ at: '2026-01-01T00:00:01Z', cpu_percent: 40, memory_bytes: 600, memory_limit_bytes: 4000, processes: 3 },
      ...{ received_bytes: 6, sent_bytes: 7, read_bytes: 7, written_bytes: 8 },
    });
  });

  it('says nothing of CPU where none was before', () => {
    const first = { ...answer, precpu_stats: { cpu_usage: { total_usage: 0 } } };
    expect([hasBefore(answer), hasBefore(first)]).toEqual([true, false]);
  });
});

it('withholds values of variables and of labels that no known tool wrote', () => {
  expect(plainVariables(['A=b=c', 'PASSWORD=hunter2', 'EMPTY'])).toEqual([
    'A=[withheld]',
    'PASSWORD=[withheld]',
    'EMPTY=[withheld]',
  ]);
  expect(plainVariables(null)).toEqual([]);
  expect(plainLabels({ 'com.docker.compose.service': 'web', token: 'x' })).toEqual({
    'com.docker.compose.service': 'web',
    token: '[withheld]',
  });
});

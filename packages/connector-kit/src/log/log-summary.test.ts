import { describe, expect, it } from 'vitest';
import { levelOf } from './level.ts';
import type { LogLine } from './log-line.ts';
import { LogSummary } from './log-summary.ts';

describe('levelOf', () => {
  it.each([
    ['2026-01-01 ERROR cannot connect', 'error'],
    ['[warn] slow', 'warn'],
    ['level=info msg="an ERROR page was served"', 'info'],
    ['{"level":50,"msg":"x"}', 'error'],
    ['{"level":30,"msg":"x"}', 'info'],
    ['{"severity":"WARNING"}', 'warn'],
    ['Error: no such file', 'error'],
    ['Traceback (most recent call last):', 'error'],
    ['TRACE enter', 'debug'],
    ['there was no error today', undefined],
    ['INFORMATION', undefined],
    ['', undefined],
  ])('%s is %s', (line, level) => {
    expect(levelOf(line)).toBe(level);
  });
});

function summaryOf(lines: readonly Partial<LogLine>[]) {
  const summary = new LogSummary();
  for (const line of lines) summary.add({ channel: 'stdout', time: undefined, text: '', ...line });
  return summary.toJson();
}

describe('LogSummary', () => {
  it('counts lines, channels and levels, and keeps the first and the last time', () => {
    expect(
      summaryOf([
        { text: 'INFO up', time: 't1' },
        { text: 'ERROR down', time: 't2', channel: 'stderr' },
        { text: 'plain', time: 't3' },
        { text: 'no time' },
      ]),
    ).toEqual({
      lines: 4,
      stdout_lines: 3,
      stderr_lines: 1,
      levels: { error: 1, warn: 0, info: 1, debug: 0 },
      first_line_at: 't1',
      last_line_at: 't3',
      repeated: [],
    });
  });

  it('groups lines that differ in numbers and ids only, most frequent first', () => {
    const lines = [
      ...['GET /1 in 5 ms', 'GET /22 in 17 ms', 'GET /x in 1 ms'],
      ...['job 0a1b2c3d4e5f done', 'job deadbeef0 done', 'job 77777777 done'],
    ];
    expect(summaryOf(lines.map((text) => ({ text })))['repeated']).toEqual([
      { text: 'job 0a1b2c3d4e5f done', count: 3 },
      { text: 'GET /1 in 5 ms', count: 2 },
    ]);
  });

  it('stays small whatever the lines hold', () => {
    const texts = Array.from({ length: 40 }, (_, index) =>
      `${String.fromCharCode(97 + (index % 20))}\u0001`.repeat(90),
    );
    expect(JSON.stringify(summaryOf(texts.map((text) => ({ text })))).length).toBeLessThan(3000);
  });
});

import { Since } from '@countersign/connector-kit';
import { describe, expect, it } from 'vitest';
import { sinceParameter } from './since-parameter.ts';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

describe('since', () => {
  it.each([
    ['10m', '1767322445.678000000'],
    ['1h30m', '1767317645.678000000'],
    ['2d', '1767150245.678000000'],
    ['2026-01-02T03:04:05Z', '1767323045.000000000'],
    ['2026-01-02T04:04:05.123456789+01:00', '1767323045.123456789'],
    [1767323045, '1767323045.000000000'],
    [1767323045.5, '1767323045.500000000'],
    ['999999999d', '0.000000000'],
  ])('%s becomes %s', (since, parameter) => {
    expect(sinceParameter(Since.parse(since), nowMs)).toBe(parameter);
  });
});

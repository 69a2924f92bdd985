import { describe, expect, it } from 'vitest';
import { epochNanoseconds, isLater } from './time.ts';

describe('isLater', () => {
  it('compares by nanosecond, whatever digits Docker left out', () => {
    expect(isLater('2026-01-01T00:00:00.100000001Z', '2026-01-01T00:00:00.1Z')).toBe(true);
    expect(isLater('2026-01-01T00:00:00.9Z', '2026-01-01T00:00:00.10Z')).toBe(true);
    expect(isLater('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000000Z')).toBe(false);
    expect(isLater('2026-01-01T00:00:00+01:00', '2026-01-01T00:00:00Z')).toBe(false);
  });

  it('knows a container that never started', () => {
    expect(isLater('2026-01-01T00:00:00Z', '0001-01-01T00:00:00Z')).toBe(true);
  });

  it('is false for what is no time', () => {
    expect(isLater('soon', '0001-01-01T00:00:00Z')).toBe(false);
    expect(epochNanoseconds('2026-13-01T00:00:00Z')).toBeUndefined();
  });
});

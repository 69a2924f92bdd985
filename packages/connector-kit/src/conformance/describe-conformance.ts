import { describe, expect, it } from 'vitest';
import { examinations } from './examination.ts';
import type { ConformanceHarness, ConformanceTarget } from './harness.ts';

/** Declares one vitest test for each rule over each case of a connector. */
export function describeConformance<Target extends ConformanceTarget>(
  name: string,
  harness: ConformanceHarness<Target>,
): void {
  const concurrent = harness.concurrent ?? false;
  describe(`${name} keeps the connector contract`, { concurrent }, () => {
    for (const each of examinations(harness)) {
      it(`${each.rule}: ${each.title}`, { timeout: 120_000 }, async () => {
        expect(await each.run()).toEqual([]);
      });
    }
  });
}

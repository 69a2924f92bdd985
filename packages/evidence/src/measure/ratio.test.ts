import { describe, expect, it } from 'vitest';
import { Ratio } from './ratio.ts';

function counted(wanted: 'all' | 'none' | null, ...hits: boolean[]) {
  const ratio = new Ratio('preflight_passed', wanted);
  for (const [index, hit] of hits.entries()) ratio.count(`op ${index}`, hit);
  return ratio.view();
}

describe('a measure', () => {
  it('of nothing has no ratio and is neither met nor missed', () => {
    for (const wanted of ['all', 'none', null] as const) {
      expect(counted(wanted)).toEqual({
        id: 'preflight_passed',
        summary: 'Executed changes whose preflight checks were made and forbade nothing.',
        numerator: 0,
        denominator: 0,
        ratio: null,
        wanted,
        met: null,
        offenders: [],
        offender_count: 0,
      });
    }
  });

  it.each([
    ['all', [true, true], { numerator: 2, ratio: 1, met: true, offenders: [] }],
    ['all', [true, false], { numerator: 1, ratio: 0.5, met: false, offenders: ['op 1'] }],
    ['none', [false, false], { numerator: 0, ratio: 0, met: true, offenders: [] }],
    ['none', [true, false], { numerator: 1, ratio: 0.5, met: false, offenders: ['op 0'] }],
    [null, [true, false], { numerator: 1, ratio: 0.5, met: null, offenders: [] }],
  ] as const)('that wants %s of %j', (wanted, hits, expected) => {
    expect(counted(wanted, ...hits)).toMatchObject({
      ...expected,
      denominator: 2,
      offender_count: expected.offenders.length,
    });
  });

  it('names a hundred offenders and counts every one', () => {
    const view = counted('all', ...Array.from({ length: 101 }, () => false));
    expect(view.offenders).toEqual(Array.from({ length: 100 }, (_, index) => `op ${index}`));
    expect(view.offender_count).toBe(101);
  });

  it('that was shown is not changed by what is counted later', () => {
    const ratio = new Ratio('preflight_passed', 'all');
    const { offenders } = ratio.view();
    ratio.count('op', false);
    expect(offenders).toEqual([]);
  });
});

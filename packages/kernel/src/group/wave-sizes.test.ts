import { WaveSize } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inWaves, waveSizes } from './wave-sizes.ts';

it.each([
  // Source: Ansible, "Setting the batch size with serial".
  [10, [1, 5, 10], [1, 5, 4]],
  [10, ['30%'], [3, 3, 3, 1]],
  [10, ['10%', '20%', '100%'], [1, 2, 7]],
  [5, [1, '50%', '100%'], [1, 2, 2]],
  [3, ['10%'], [1, 1, 1]],
  [7, [2], [2, 2, 2, 1]],
  [2, [5], [2]],
  [0, [1], []],
] as [number, WaveSize[], number[]][])('%i things in %o are %o', (count, waves, sizes) => {
  expect(waveSizes(count, waves)).toEqual(sizes);
});

it('loses nothing, keeps the order, and no wave is empty or larger than it was asked for', () => {
  const wave = fc.oneof(
    fc.integer({ min: 1, max: 100 }),
    fc.integer({ min: 1, max: 100 }).map((share) => `${share}%`),
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.array(wave, { minLength: 1, maxLength: 6 }), (count, waves) => {
      for (const each of waves) expect(WaveSize.safeParse(each).success).toBe(true);
      const things = Array.from({ length: count }, (_, index) => index);
      const dealt = inWaves(things, waves);
      expect(dealt.flat()).toEqual(things);
      for (const [index, members] of dealt.entries()) {
        const asked = waves[Math.min(index, waves.length - 1)] ?? 1;
        const most = typeof asked === 'number' ? asked : Math.max(1, (Number.parseInt(asked, 10) * count) / 100);
        expect(members.length).toBeGreaterThan(0);
        expect(members.length).toBeLessThanOrEqual(most);
      }
    }),
  );
});

it.each(['0%', '101%', '5', '-1%', '1.5%', 0, 101])('%s is no size of a wave', (size) => {
  expect(WaveSize.safeParse(size).success).toBe(false);
});

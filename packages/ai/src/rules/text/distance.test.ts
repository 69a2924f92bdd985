import fc from 'fast-check';
import { expect, it } from 'vitest';
import { distance, isSwap } from './distance.ts';

it.each([
  ['web', 'web', 0],
  ['wbe', 'web', 1],
  ['wb', 'web', 1],
  ['webb', 'web', 1],
  ['wob', 'web', 1],
  ['', 'web', 3],
  ['kitten', 'sitting', 3],
])('%s is %s by %i edits', (from, to, edits) => {
  expect(distance(from, to)).toBe(edits);
});

it('is the same both ways, zero for equal words only, and never more than the longer word', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, (from, to) => {
      expect(distance(from, to)).toBe(distance(to, from));
      expect(distance(from, to) === 0).toBe(from === to);
      expect(distance(from, to)).toBeLessThanOrEqual(Math.max(from.length, to.length));
    }),
  );
});

it('tells a swap of neighbours from other edits', () => {
  expect(isSwap('tehn', 'then')).toBe(true);
  expect(isSwap('then', 'then')).toBe(false);
  expect(isSwap('than', 'then')).toBe(false);
});

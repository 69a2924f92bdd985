import { expect, it } from 'vitest';
import { editDistance, nearestNames } from './nearest-names.ts';

it.each([
  ['', '', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['flaw', 'lawn', 2],
])('distance of %s and %s is %i', (left, right, distance) => {
  expect(editDistance(left, right)).toBe(distance);
  expect(editDistance(right, left)).toBe(distance);
});

it('names at most three, nearest first, and none that is far', () => {
  const names = ['postgres', 'api-1', 'web', 'webb', 'shop-wep-1', 'wep'];
  expect(nearestNames('wep', names)).toEqual(['shop-wep-1', 'wep', 'web']);
  expect(nearestNames('zzzzzz', names)).toEqual([]);
});

import { expect, test } from 'vitest';
import { selectionOf } from './selection.ts';

test('sizes of waves are numbers and shares; targets and names are lists', () => {
  expect(selectionOf({ selector: 'app=web', waves: '1, 50%,rest', target: 'a,b' })).toEqual({
    labels: 'app=web',
    waves: [1, '50%', '100%'],
    targets: ['a', 'b'],
  });
  expect(selectionOf({ names: 'web-1, web-2', tier: 'dev' })).toEqual({ names: ['web-1', 'web-2'], tier: 'dev' });
  expect(selectionOf({ target: 'a' })).toBeNull();
});

test.each(['0', '101%', 'x', '1.5', '-1'])('%s is refused, with what to write', (waves) => {
  expect(() => selectionOf({ selector: 'a', waves })).toThrow('no size of a wave');
});

test('sizes without anything that is selected are refused', () => {
  expect(() => selectionOf({ waves: '1' })).toThrow('--waves goes with a selector');
  expect(() => selectionOf({ tier: 'dev' })).toThrow('--tier goes with a selector');
});

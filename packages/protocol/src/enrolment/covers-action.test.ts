import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coversAction } from './covers-action.ts';
import { ActionPattern } from './enrolment.ts';

it.each([
  ['docker.logs', 'docker.logs', true],
  ['docker.*', 'docker.logs', true],
  ['*', 'docker.logs', true],
  ['docker.log', 'docker.logs', false],
  ['dock.*', 'docker.logs', false],
  ['docker.*', 'dockers.logs', false],
  ['k8s.*', 'docker.logs', false],
])('the pattern %s holds %s: %s', (pattern, action, held) => {
  expect(ActionPattern.safeParse(pattern).success).toBe(true);
  expect(coversAction([pattern], action)).toBe(held);
  expect(coversAction([], action)).toBe(false);
});

it.each(['', '.', '*.logs', 'docker.lo*', 'docker', 'Docker.logs', '**', 'docker.logs '])(
  '%j is no pattern',
  (text) => {
    expect(ActionPattern.safeParse(text).success).toBe(false);
  },
);

it('a pattern holds nothing of another connector', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
  fc.assert(
    fc.property(word, word, word, word, (connector, action, other, wanted) => {
      fc.pre(connector !== other);
      const held = coversAction([`${connector}.*`, `${connector}.${action}`], `${other}.${wanted}`);
      expect(held).toBe(false);
    }),
  );
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const actions = ['repo.write_files', 'repo.file', 'repo.tree', 'docker.restart_container', 'docker.logs'];

it.each([
  ['repo.write_file', 'repo.write_files'],
  ['repo.treee', 'repo.tree'],
  ['DOCKER.LOGS', 'docker.logs'],
  ['docker.restart', 'docker.restart_container'],
])('finds %s near %s', (wanted, name) => {
  expect(nearest(wanted, actions)[0]).toBe(name);
});

it('knows nothing near a word of its own, and answers a known name first', () => {
  expect(nearest('kubernetes.apply_everything_at_once', actions)).toEqual([]);
  expect(nearest('anything', [])).toEqual([]);
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ maxLength: 8 }), { maxLength: 8 }), fc.nat(7), (known, index) => {
      const wanted = known[index] ?? 'x';
      const near = nearest(wanted, known);
      expect(near.length).toBeLessThanOrEqual(3);
      expect(near.every((name) => known.includes(name))).toBe(true);
      if (known.includes(wanted)) expect(near[0]?.toLowerCase()).toBe(wanted.toLowerCase());
    }),
  );
});

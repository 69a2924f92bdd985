import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const actions = ['docker.stats', 'docker.restart_container', 'docker.restore_container', 'k8s.rollout_restart'];

it.each([
  ['docker.restart', 'docker.restart_container'],
  ['docker.stat', 'docker.stats'],
  ['docker.restart_contianer', 'docker.restart_container'],
  ['zzz', null],
])('%j means %j', (said, meant) => {
  expect(nearest(said, actions)).toBe(meant);
});

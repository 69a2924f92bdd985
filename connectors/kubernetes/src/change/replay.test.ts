import { fingerprint, type ReplayStep } from '@countersign/connector-kit';
import { type Json, JsonObject, type PlanBody } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { deploymentChange, imageContainer } from '../deployment/change-diff.ts';
import type { DeploymentState } from '../deployment/kept-state.ts';
import { observedDeployment } from '../deployment/observed.ts';
import { replay } from './replay.ts';

const state: DeploymentState = {
  ...{
    name: 'web',
    namespace: 'shop',
    uid: 'u1',
    generation: 3,
    replicas: 2,
    paused: false,
    strategy: 'RollingUpdate',
  },
  ...{ images: { main: 'web:1' }, init_images: { first: 'init:1' }, revision: 1, restarted_at: '', template: 't1' },
};
const observed = observedDeployment(state);
const step = (action: string, inputs: Record<string, Json>) => ({
  index: 0,
  action,
  inputs: { deployment: 'web', wait_seconds: 300, ...inputs },
});
const scale = step('k8s.scale_deployment', { replicas: 5 });
const image = step('k8s.set_image', { image: 'web:2' });
const restart = step('k8s.rollout_restart', {});

describe('the diff of a change', () => {
  it.each([
    [scale, ['-replicas: 2', '+replicas: 5', ' image main: web:1']],
    [
      image,
      [
        ' replicas: 2',
        '-pods: <those of now>',
        '-image main: web:1',
        '+image main: web:2',
        ' init image first: init:1',
      ],
    ],
    [restart, [' replicas: 2', '-pods: <those of now>', '+pods: <new ones>', ' image main: web:1']],
  ])('of %j', (each, lines) => {
    expect(deploymentChange(each, observed)?.diff.patch.split('\n')).toEqual(expect.arrayContaining(lines));
  });

  it('names the container that is meant, or why it is none', () => {
    const two = { images: { front: 'a', side: 'b' }, init_images: { first: 'c' } };
    expect(imageContainer(observed, undefined)).toEqual({ list: 'containers', name: 'main' });
    expect(imageContainer(two, 'first')).toEqual({ list: 'initContainers', name: 'first' });
    expect(imageContainer(two, undefined)).toEqual({ problem: 'there are several containers, name one: front, side' });
    expect(imageContainer(two, 'sidee')).toEqual({ problem: 'no container sidee; nearest: side' });
    expect(imageContainer({ images: { constructor: 'a' }, init_images: {} }, 'toString')).toHaveProperty('problem');
  });
});

function replayed(each: typeof scale, after: Json, before: Json = state) {
  const diff = deploymentChange(each, observed)?.diff;
  const plan: PlanBody = {
    schema: 'countersign.plan.v1',
    target: { name: 'c', project: 'p', environment: 'dev', tier: 'dev', connector: 'k8s', identity: 'k8s:x' },
    steps: [{ ...each, version: 1, replay: 'simulated' }],
    preconditions: [{ resource: 'r', kind: 'k8s.deployment', fingerprint: fingerprint(observed), observed }],
    diffs: diff === undefined ? [] : [diff],
    checks: [],
    rollback: { possible: false, reason: 'none' },
    connector: { name: 'k8s', version: '0.1.0', manifest_hash: `sha256:${'0'.repeat(64)}` },
  };
  const known: ReplayStep = {
    step: { ...each, inputs: JsonObject.parse(each.inputs), idempotencyKey: 'k' },
    ...{ mode: 'simulated', state: 'verified', before, after, applied: true },
  };
  const { derived, compared, says } = replay({ plan, steps: [known] });
  expect(derived.diffs).toEqual(plan.diffs);
  expect(says).toContain('no cluster was asked');
  return compared.filter(({ equal }) => !equal).map(({ what }) => what);
}

describe('a replay', () => {
  const scaled = { ...state, replicas: 5, generation: 4 };
  const restarted = { ...state, generation: 4, template: 't2', restarted_at: 'now' };
  it.each([
    ['a scaling', scale, scaled, []],
    ['a scaling that ended elsewhere', scale, { ...scaled, replicas: 4 }, ['pods after', 'what does not stand']],
    ['a scaling that changed the template', scale, { ...scaled, template: 't2' }, ['template changed']],
    ['a restart', restart, restarted, []],
    ['a restart without new pods', restart, { ...restarted, template: 't1' }, ['template changed']],
    ['an image', image, { ...restarted, images: { main: 'web:2' } }, []],
    ['another image', image, { ...restarted, images: { main: 'web:3' } }, ['images after', 'what does not stand']],
    ['another deployment', restart, { ...restarted, uid: 'u2' }, ['deployment after']],
    ["a person's word", restart, { resolved_by: 'somebody' }, []],
  ])('of %s', (_what, each, after, unequal) => {
    expect(replayed(each, after)).toEqual(unequal);
  });

  it('finds a state before that was not the one observed', () => {
    expect(replayed(scale, scaled, { ...state, replicas: 1 })).toEqual(['pods before']);
    expect(replayed(scale, scaled, {})).toEqual(['recorded state before']);
  });
});

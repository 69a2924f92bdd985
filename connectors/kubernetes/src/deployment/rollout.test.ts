import { describe, expect, it } from 'vitest';
import { Deployment, Pod } from '../resource/answers.ts';
import { rolloutOf } from './rollout.ts';
import { hopelessPod } from './unready-pods.ts';

function deployment(status: object, replicas = 3, generation = 2): Deployment {
  const template = { spec: { containers: [] } };
  const metadata = { name: 'web', generation };
  return Deployment.parse({
    metadata,
    spec: { replicas, selector: {}, template },
    status: { observedGeneration: 2, ...status },
  });
}
const counts = (all: number, updated: number, available: number) => ({
  replicas: all,
  updatedReplicas: updated,
  availableReplicas: available,
});

describe('a rollout', () => {
  it.each([
    ['at its end', deployment(counts(3, 3, 3)), true],
    ['not begun', deployment({ ...counts(3, 3, 3), observedGeneration: 1 }), false],
    ['with old pods left', deployment(counts(4, 3, 3)), false],
    ['with pods that are not available', deployment(counts(3, 3, 2)), false],
    ['with pods to come', deployment(counts(2, 2, 2)), false],
    ['scaled to nothing', deployment({}, 0), true],
    ['scaled to nothing, with pods to go', deployment(counts(1, 1, 1), 0), false],
  ])('%s', (_what, seen, done) => {
    expect(rolloutOf(seen).done).toBe(done);
    expect(rolloutOf(seen).fraction === 1).toBe(done);
  });

  it('tells how far it is', () => {
    expect(rolloutOf(deployment(counts(4, 2, 1)))).toMatchObject({
      message: '2 of 3 pods updated, 1 available, 2 old still there',
      fraction: 0.25,
    });
    expect(rolloutOf(deployment({ observedGeneration: 1 })).message).toBe('waiting for the deployment controller');
  });

  it('has failed past its deadline, unless it is at its end all the same', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];
    expect(rolloutOf(deployment({ ...counts(3, 1, 1), conditions })).failed).toContain('no progress');
    expect(rolloutOf(deployment({ ...counts(3, 3, 3), conditions })).failed).toBeUndefined();
  });
});

describe('a pod that is not ready', () => {
  const pod = (reason: string, restartCount = 0) =>
    Pod.parse({
      metadata: { name: 'web-1' },
      spec: { containers: [{ name: 'main' }] },
      status: { containerStatuses: [{ name: 'main', restartCount, state: { waiting: { reason } } }] },
    });
  it.each([
    ['ErrImageNeverPull', 0, true],
    ['CreateContainerConfigError', 0, true],
    ['ImagePullBackOff', 0, true],
    ['ErrImagePull', 0, false],
    ['ContainerCreating', 0, false],
    ['CrashLoopBackOff', 1, false],
    ['CrashLoopBackOff', 2, true],
  ])('in %s after %i restarts: hopeless is %s', (reason, restarts, hopeless) => {
    const said = hopelessPod([pod('ContainerCreating'), pod(reason, restarts)]);
    expect(said).toBe(hopeless ? `container main of pod web-1 is in ${reason}` : undefined);
  });
});

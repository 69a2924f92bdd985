import { contextOf } from '@countersign/connector-kit/conformance';
import type { JsonObject } from '@countersign/protocol';
import { busyboxImage, waitUntil } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { deploymentState } from '../deployment/kept-state.ts';
import { admin, call } from './admin.ts';
import {
  connectCluster,
  containerOf,
  deploymentBody,
  deploymentOf,
  deploymentPath,
  kubeconfigFor,
  makeDeployment,
  makeNamespace,
  podSpec,
  stepOf,
} from './cluster.ts';
import { notPassed, runSteps } from './run.ts';

const scale = (replicas: number, inputs: JsonObject = {}) =>
  stepOf('k8s.scale_deployment', { deployment: 'web', replicas, ...inputs });
const setImage = (image: string, inputs: JsonObject = {}) =>
  stepOf('k8s.set_image', { deployment: 'web', image, ...inputs });
const restart = () => stepOf('k8s.rollout_restart', { deployment: 'web' });

describe('k8s.scale_deployment', () => {
  it('shows what it changes and how it is taken back, and follows the rollout until the pods are there (DO-9)', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    const connection = connectCluster({ namespace });
    const step = scale(2);
    const planned = await connection.plan([step], contextOf());
    expect(planned.identity).toMatch(/^k8s:[0-9a-f-]{36}$/);
    expect(planned.diffs[0]?.patch).toContain('-replicas: 0\n+replicas: 2\n');
    expect(planned.preconditions[0]).toMatchObject({
      resource: `namespaces/${namespace}/deployments.apps/web`,
      observed: { exists: true, generation: 1, replicas: 0, images: { main: busyboxImage } },
    });
    expect(planned.rollback).toMatchObject({
      possible: true,
      steps: [{ undoes: 0, action: 'k8s.scale_deployment', inputs: { deployment: 'web', namespace, replicas: 0 } }],
    });
    expect(notPassed(planned)).toEqual({});
    const context = contextOf();
    const [done] = await runSteps(connection, [step], context);
    expect(done?.seen).toMatchObject({ replicas: 2, generation: 2 });
    expect((await deploymentOf(namespace, 'web')).status).toMatchObject({ availableReplicas: 2, readyReplicas: 2 });
    expect(context.said.at(-1)).toBe(`deployment web in ${namespace}: 2 of 2 pods updated, 2 available`);
    expect(context.said.length).toBeGreaterThan(2);
  });

  it('takes a change by somebody else to the same number for theirs, and finds its own again', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    const later = connectCluster({ namespace }, 60_000);
    const connection = connectCluster({ namespace });
    const step = scale(1);
    const { guard } = await connection.observe([step], contextOf());
    const before = await connection.before(step, guard, contextOf());
    const intent = { before, guard, recordedAt: Date.now() };
    const answers = async () => [
      (await connection.reconcile(step, intent, contextOf())).answer,
      (await later.reconcile(step, intent, contextOf())).answer,
    ];
    expect(await answers()).toEqual(['indeterminate', 'not_applied']);
    await admin('PATCH', deploymentPath(namespace, 'web'), { body: { spec: { replicas: 1 } } });
    expect(await answers()).toEqual(['not_applied', 'not_applied']);
    await expect(connection.apply(step, before, guard, contextOf())).rejects.toMatchObject({
      code: 'E_PLAN_STALE',
      effect: 'none',
    });
    const own = scale(0);
    const seen = await connection.observe([own], contextOf());
    const kept = await connection.before(own, seen.guard, contextOf());
    await connection.apply(own, kept, seen.guard, contextOf());
    await admin('PATCH', deploymentPath(namespace, 'web'), { body: { spec: { replicas: 3, paused: true } } });
    const found = await later.reconcile(own, { before: kept, guard: seen.guard, recordedAt: Date.now() }, contextOf());
    expect(found.answer).toBe('applied');
    const { answer } = await later.reconcile(
      scale(0),
      { before: kept, guard: seen.guard, recordedAt: Date.now() },
      contextOf(),
    );
    expect(answer).toBe('indeterminate');
  });

  it('is made while the status moves, for that is nobody’s change', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    const connection = connectCluster({ namespace });
    const step = scale(0, { wait_seconds: 0 });
    const { guard } = await connection.observe([step], contextOf());
    const { metadata, status } = await deploymentOf(namespace, 'web');
    await admin('PATCH', `${deploymentPath(namespace, 'web')}/status`, {
      body: {
        status: { conditions: [...status.conditions, { type: 'Odd', status: 'True', reason: 'x', message: '' }] },
      },
    });
    expect((await deploymentOf(namespace, 'web')).metadata.resourceVersion).not.toBe(metadata.resourceVersion);
    const before = await connection.before(step, guard, contextOf());
    const { after } = await connection.apply(step, before, guard, contextOf());
    expect(after).toMatchObject({ replicas: 0 });
  });

  it('warns of what sets the number back, of nothing left to serve, and of nothing to change', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    await admin('POST', `/apis/autoscaling/v1/namespaces/${namespace}/horizontalpodautoscalers`, {
      body: {
        metadata: { name: 'web-auto' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          minReplicas: 2,
          maxReplicas: 5,
        },
      },
    });
    const planned = await connectCluster({ namespace }).plan([scale(0)], contextOf());
    expect(notPassed(planned)).toEqual({
      autoscaler: 'warn: autoscaler web-auto keeps web between 2 and 5 pods and will set the number again',
      changes_something: 'warn: web has 0 pods already: nothing changes',
      serves: 'warn: no pod of web will be left to serve',
    });
  });
});

describe('a rollout that fails', () => {
  it('says which pods and why, at once where waiting mends nothing, and is rolled back', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 1);
    const connection = connectCluster({ namespace });
    const failed = await runSteps(connection, [setImage('nobody/has:1')]).catch((cause: unknown) => cause);
    expect(failed).toMatchObject({
      code: 'E_VERIFY',
      message: expect.stringMatching(
        /was changed, but its rollout failed: container main of pod web-\S+ is in ErrImageNeverPull$/,
      ),
      detail: { pods: [expect.objectContaining({ status: 'ErrImageNeverPull' })] },
    });
    const back = stepOf('k8s.rollback', { deployment: 'web' });
    const planned = await connection.plan([back], contextOf());
    expect(planned.diffs[0]?.patch).toContain(`-      image: nobody/has:1\n+      image: ${busyboxImage}\n`);
    expect(planned.rollback).toMatchObject({
      possible: true,
      steps: [{ action: 'k8s.rollback', inputs: { to_revision: 2 } }],
    });
    expect(notPassed(planned)).toEqual({});
    await runSteps(connection, [back]);
    const { status, ...object } = await deploymentOf(namespace, 'web');
    expect(status).toMatchObject({ availableReplicas: 1, updatedReplicas: 1, replicas: 1 });
    expect(deploymentState({ ...object, status })).toMatchObject({ images: { main: busyboxImage }, revision: 3 });
  });

  it('shows the last lines of what crashes', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0, podSpec('echo no config; exit 1'));
    const connection = connectCluster({ namespace });
    const failed = await runSteps(connection, [scale(1, { wait_seconds: 6 })]).catch((cause: unknown) => cause);
    expect(failed).toMatchObject({
      code: 'E_VERIFY',
      message: expect.stringContaining('rollout failed: '),
      detail: { last_log_lines: ['no config'], pods: [{ pod: expect.stringMatching(/^web-/) }] },
    });
    await admin('PATCH', deploymentPath(namespace, 'web'), { body: { spec: { replicas: 0 } } });
  });

  it('ends when its time is over, with what its pods wait for', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0, podSpec('true', { nodeSelector: { none: 'such' } }));
    const failed = await runSteps(connectCluster({ namespace }), [scale(1, { wait_seconds: 1 })]).catch(
      (cause: unknown) => cause,
    );
    expect(failed).toMatchObject({
      code: 'E_VERIFY',
      message: expect.stringContaining('rollout failed: is not rolled out within 1 s'),
      detail: { rollout: '1 of 1 pods updated, 0 available', pods: [{ status: 'Pending' }] },
    });
  });

  it('is left alone when its watcher is cancelled: what was changed stands, and is found', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0, podSpec('true', { nodeSelector: { none: 'such' } }));
    const connection = connectCluster({ namespace });
    const step = scale(1);
    const { guard } = await connection.observe([step], contextOf());
    const before = await connection.before(step, guard, contextOf());
    const applied = await connection.apply(step, before, guard, contextOf());
    const controller = new AbortController();
    const verifying = connection.verify(step, before, applied, contextOf({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 300);
    await expect(verifying).rejects.toMatchObject({ code: 'E_CANCELLED', effect: 'maybe' });
    const { answer } = await connection.reconcile(step, { before, guard, recordedAt: Date.now() }, contextOf());
    expect(answer).toBe('applied');
  });
});

describe('a plan', () => {
  it('names a missing right by verb and resource, and the cluster refuses who goes on all the same', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
    const rules = [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get'] }];
    await admin('POST', `${rbac}/roles`, { body: { metadata: { name: 'looker' }, rules } });
    await admin('POST', `${rbac}/rolebindings`, {
      body: {
        metadata: { name: 'looker' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'looker' },
        subjects: [{ kind: 'User', name: 'viewer', apiGroup: 'rbac.authorization.k8s.io' }],
      },
    });
    const connection = connectCluster({ namespace, kubeconfig: kubeconfigFor('viewer') });
    const step = scale(1);
    const planned = await connection.plan([step], contextOf());
    expect(planned.checks.filter(({ status }) => status !== 'pass').map(({ message }) => message)).toEqual([
      `the account may not patch deployments.apps in namespace ${namespace}: give it a role with that verb on that resource`,
      `the account may not list horizontalpodautoscalers.autoscaling in namespace ${namespace}: an autoscaler that sets the number back would not be seen`,
      `the account may not list pods in namespace ${namespace}: a failed rollout could not say why`,
    ]);
    expect(planned.identity).toMatch(/^k8s:https:/);
    await expect(runSteps(connection, [step])).rejects.toMatchObject({
      code: 'E_TARGET_REFUSED',
      effect: 'none',
      detail: { http_status: 403, server_message: expect.stringContaining('cannot patch resource "deployments"') },
    });
    expect((await deploymentOf(namespace, 'web')).spec.replicas).toBe(0);
    const blind = await makeNamespace();
    const unseen = await connection.plan(
      [stepOf('k8s.rollout_restart', { deployment: 'web', namespace: blind })],
      contextOf(),
    );
    expect(notPassed(unseen)).toMatchObject({ exists: `fail: the account may not see deployment web in ${blind}` });
  });

  it('says what is not there, with the nearest names, and what is outside of the target', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(
      namespace,
      'web',
      0,
      podSpec('', { containers: [containerOf('front', ''), containerOf('side', '')] }),
    );
    const connection = connectCluster({ namespace, namespaces: [namespace] });
    const wrong = [
      [
        'k8s.rollout_restart',
        { deployment: 'wep' },
        { exists: `fail: no deployment wep in ${namespace}; nearest: web` },
      ],
      [
        'k8s.rollout_restart',
        { deployment: 'web', namespace: 'default' },
        { exists: "fail: namespace default is none of this target's: widen `namespaces` of the target" },
      ],
      [
        'k8s.set_image',
        { deployment: 'web', image: 'a:1' },
        { container: 'fail: web: there are several containers, name one: front, side' },
      ],
      [
        'k8s.set_image',
        { deployment: 'web', image: 'a:1', container: 'sude' },
        { container: 'fail: web: no container sude; nearest: side' },
      ],
      [
        'k8s.rollback',
        { deployment: 'web' },
        { revision: 'fail: web keeps no revision before the present one; it keeps: 1' },
      ],
      [
        'k8s.rollback',
        { deployment: 'web', to_revision: 7 },
        { revision: 'fail: web keeps no revision 7; it keeps: 1' },
      ],
    ] as const;
    for (const [action, inputs, checks] of wrong) {
      const planned = await connection.plan([stepOf(action, inputs)], contextOf());
      expect(notPassed(planned)).toMatchObject(checks);
      expect(planned.diffs).toEqual(action === 'k8s.rollout_restart' ? [] : planned.diffs);
    }
  });

  it('lets a paused deployment be scaled and given an image, not restarted or rolled back', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    await admin('PATCH', deploymentPath(namespace, 'web'), { body: { spec: { paused: true } } });
    const connection = connectCluster({ namespace });
    expect(notPassed(await connection.plan([restart()], contextOf()))).toMatchObject({
      not_paused: 'fail: web is paused: a restart would have no effect until it is resumed',
    });
    const steps = [setImage('web:2'), { ...scale(1), index: 1 }];
    const planned = await connection.plan(steps, contextOf());
    expect(planned.checks.filter(({ status }) => status === 'fail')).toEqual([]);
    expect(planned.diffs[1]?.patch).toContain(' image main: web:2\n');
    expect(planned.rollback).toMatchObject({ possible: true, steps: [{ undoes: 1 }, { undoes: 0 }] });
    const [first] = await runSteps(connection, [setImage('web:2')]);
    expect(first?.seen).toMatchObject({ paused: true, images: { main: 'web:2' } });
  });

  it('is void once the deployment was made anew under its name', async () => {
    const namespace = await makeNamespace();
    await makeDeployment(namespace, 'web', 0);
    const connection = connectCluster({ namespace });
    const step = restart();
    const planned = await connection.plan([step], contextOf());
    const { guard } = await connection.observe([step], contextOf());
    await call('DELETE', deploymentPath(namespace, 'web'));
    await waitUntil('it is gone', async () => (await call('GET', deploymentPath(namespace, 'web'))).status === 404);
    await admin('POST', deploymentPath(namespace), { body: deploymentBody('web', 0) });
    const seen = await connection.observe([step], contextOf());
    expect(seen.preconditions[0]?.fingerprint).not.toBe(planned.preconditions[0]?.fingerprint);
    await expect(connection.before(step, guard, contextOf())).rejects.toMatchObject({
      code: 'E_PLAN_STALE',
      detail: { moved: 'uid' },
    });
  });
});

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { localExec } from '@countersign/connector-kit';
import { type ConformanceTarget, describeConformance } from '@countersign/connector-kit/conformance';
import { JsonObject } from '@countersign/protocol';
import { busyboxImage, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll } from 'vitest';
import { stringify } from 'yaml';
import { contentOf } from '../change/guard.ts';
import { deploymentState } from '../deployment/kept-state.ts';
import { kubernetesConnector } from '../index.ts';
import { admin, call } from './admin.ts';
import { apiProxy } from './api-proxy.ts';
import {
  createNamespace,
  deploymentBody,
  deploymentOf,
  deploymentPath,
  kubeconfigFor,
  makePod,
  podSpec,
  removeNamespace,
  untilStopped,
} from './cluster.ts';

/** Pods take seconds to start, so the one whose log is read is there for all. */
const talking = `countersign-${randomUUID().slice(0, 8)}`;
beforeAll(async () => {
  await admin('POST', '/api/v1/namespaces', { body: { metadata: { name: talking } } });
  const lines = 'i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $i; done';
  await makePod(talking, 'talker', podSpec(`${lines}; ${untilStopped}`));
});
afterAll(() => removeNamespace(talking));

interface ClusterTarget extends ConformanceTarget {
  readonly namespace: string;
  change(patch: object): Promise<void>;
}

const secret = { name: 'PASSWORD', value: 'hunter2' };
const first = { ...podSpec().containers[0], image: `${busyboxImage}`, env: [secret] };

/** A write that goes on after its caller left shows within this time. */
const settleMs = 60;

/** Waits until the specification has not moved for a while. */
async function settledGeneration(namespace: string): Promise<number> {
  for (let last = -1; ; ) {
    const { generation = 0 } = (await deploymentOf(namespace, 'web')).metadata;
    if (generation === last) return generation;
    last = generation;
    await sleep(settleMs);
  }
}

/** A deployment without pods in its second revision: rollouts are at their end at once, and few steps need pods. */
async function setUp(): Promise<ClusterTarget> {
  const namespace = await createNamespace();
  await admin('POST', deploymentPath(namespace), {
    body: deploymentBody('web', 0, { ...podSpec(), containers: [{ ...first, workingDir: '/tmp' }] }),
  });
  const change = async (patch: object): Promise<void> => {
    await admin('PATCH', deploymentPath(namespace, 'web'), { body: patch });
  };
  const atRevision = (revision: number) =>
    waitUntil(
      `revision ${revision}`,
      async () => deploymentState(await deploymentOf(namespace, 'web')).revision === revision,
      { timeoutMs: 20_000, intervalMs: 30 },
    );
  await atRevision(1);
  await change({ spec: { template: { spec: { containers: [first] } } } });
  await atRevision(2);
  const initial = (await deploymentOf(namespace, 'web')).metadata.generation ?? 0;
  const proxy = await apiProxy();
  return {
    namespace,
    change,
    config: { kubeconfig: kubeconfigFor('admin', { server: proxy.url }), namespace },
    ports: { exec: localExec, now: Date.now },
    snapshot: async () => contentOf(await deploymentOf(namespace, 'web')),
    state: async () => {
      const { replicas, template, minReadySeconds } = (await deploymentOf(namespace, 'web')).spec;
      return JsonObject.parse(JSON.parse(JSON.stringify({ replicas, template, minReadySeconds })));
    },
    effects: async () => (await settledGeneration(namespace)) - initial,
    cutOff: proxy.cutOff,
    slowDown: async () => proxy.slowDown(),
    heal: proxy.heal,
    tearDown: async () => {
      await proxy[Symbol.asyncDispose]();
      await removeNamespace(namespace);
    },
  };
}

const drift = ({ change }: ClusterTarget) => change({ spec: { revisionHistoryLimit: 5 } });
const on = (action: string, inputs: JsonObject) => ({
  action,
  inputs: { deployment: 'web', wait_seconds: 60, ...inputs },
});
const scale = on('k8s.scale_deployment', { replicas: 1 });
const restart = on('k8s.rollout_restart', {});
const setImage = on('k8s.set_image', { image: 'registry.example/web:2' });
const rollback = on('k8s.rollback', {});
const apply = {
  action: 'k8s.apply',
  inputs: {
    manifest: stringify({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
      spec: {
        minReadySeconds: 1,
        template: { spec: { containers: [{ name: 'main', env: [{ name: 'MORE', value: 'hunter2' }] }] } },
      },
    }),
  },
};
const withImage = (image: string) => ({ spec: { template: { spec: { containers: [{ ...first, image }] } } } });
const restartedAt = 'kubectl.kubernetes.io/restartedAt';

describeConformance<ClusterTarget>('kubernetes', {
  connector: kubernetesConnector,
  setUp,
  writes: [
    {
      name: 'scale',
      steps: [scale],
      drift,
      undo: ({ change }) => change({ spec: { replicas: 0 } }),
      secrets: ['hunter2'],
    },
    {
      name: 'restart',
      steps: [restart],
      drift,
      undo: ({ change }) => change({ spec: { template: { metadata: { annotations: { [restartedAt]: null } } } } }),
      secrets: ['hunter2'],
    },
    {
      name: 'set image',
      steps: [setImage],
      drift,
      undo: ({ change }) => change(withImage('busybox:1')),
      secrets: ['hunter2'],
    },
    {
      name: 'roll back',
      steps: [rollback],
      drift,
      undo: ({ change }) => change(withImage(busyboxImage)),
      secrets: ['hunter2'],
    },
    {
      name: 'apply',
      steps: [apply],
      drift,
      undo: ({ change }) => change({ spec: { minReadySeconds: 0 } }),
      secrets: ['hunter2'],
    },
    { name: 'set image, then restart', steps: [setImage, restart], drift, secrets: ['hunter2'] },
  ],
  reads: [
    { name: 'list', step: { action: 'k8s.list', inputs: { kind: 'deployment' } }, secrets: ['hunter2'] },
    { name: 'list, cut', step: { action: 'k8s.list', inputs: { kind: 'deployment' } }, exceedsBytes: 300 },
    {
      name: 'describe',
      step: { action: 'k8s.describe', inputs: { kind: 'deployment', name: 'web' } },
      secrets: ['hunter2'],
    },
    {
      name: 'describe, cut',
      step: { action: 'k8s.describe', inputs: { kind: 'deployment', name: 'web' } },
      exceedsBytes: 300,
    },
    { name: 'events', step: { action: 'k8s.events', inputs: { namespace: talking } } },
    { name: 'logs', step: { action: 'k8s.pod_logs', inputs: { pod: 'talker', namespace: talking } } },
    {
      name: 'logs, cut',
      step: { action: 'k8s.pod_logs', inputs: { pod: 'talker', namespace: talking, tail: 'all' } },
      exceedsBytes: 300,
    },
  ],
  failures: [
    {
      name: 'scaling a deployment that was deleted meanwhile',
      steps: [scale],
      during: 'apply',
      arrange: async ({ namespace }) => {
        await call('DELETE', deploymentPath(namespace, 'web'));
        await admin('POST', deploymentPath(namespace), { body: deploymentBody('web', 0) });
      },
      codes: ['E_PLAN_STALE'],
      secrets: ['hunter2'],
    },
    {
      name: 'describing what is not there',
      steps: [{ action: 'k8s.describe', inputs: { kind: 'deployment', name: 'nobody' } }],
      during: 'read',
      arrange: async () => undefined,
      codes: ['E_TARGET_MISSING'],
    },
    {
      name: 'planning on an unreachable cluster',
      steps: [scale],
      during: 'plan',
      arrange: ({ cutOff }) => cutOff(),
      codes: ['E_TARGET_UNREACHABLE'],
    },
  ],
  refused: [
    { action: 'k8s.list', inputs: { kind: 'secret' } },
    { action: 'k8s.list', inputs: { kind: 'pod', namespace: '../kube-system' } },
    { action: 'k8s.list', inputs: { kind: 'pod', labels: 'app=web&limit=1' } },
    { action: 'k8s.describe', inputs: { kind: 'pod', name: '..' } },
    { action: 'k8s.events', inputs: { since: 600 } },
    { action: 'k8s.pod_logs', inputs: { pod: 'web/../other' } },
    { action: 'k8s.pod_logs', inputs: { pod: 'web', tail: -1 } },
    { action: 'k8s.scale_deployment', inputs: { deployment: 'web' } },
    { action: 'k8s.scale_deployment', inputs: { deployment: 'web', replicas: -1 } },
    { action: 'k8s.rollout_restart', inputs: { deployment: '-web' } },
    { action: 'k8s.set_image', inputs: { deployment: 'web', image: '--help' } },
    { action: 'k8s.set_image', inputs: { deployment: 'web', image: 'web:1 --now' } },
    { action: 'k8s.rollback', inputs: { deployment: 'web', to_revision: 0 } },
    { action: 'k8s.apply', inputs: { manifest: '' } },
    { action: 'k8s.apply', inputs: { manifest: 'kind: Pod', force: 'yes' } },
  ],
});

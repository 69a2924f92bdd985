import { randomUUID } from 'node:crypto';
import type { JsonObject, OperationView } from '@countersign/protocol';
import { testKubeconfig, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { admin } from '../../connectors/kubernetes/src/live/admin.ts';
import {
  createNamespace,
  deploymentOf,
  deploymentPath,
  makeDeployment,
  removeNamespace,
} from '../../connectors/kubernetes/src/live/cluster.ts';
import { type Installation, makeInstallation, type People } from './installation.ts';

let namespace = '';
let installation: Installation;
let people: People;
beforeAll(async () => {
  namespace = await createNamespace();
  const target = `{ name: cluster, project: crash, environment: dev, connector: k8s, config: { kubeconfig: ${testKubeconfig()}, namespace: ${namespace} } }`;
  installation = await makeInstallation({ targets: 0, configuration: `lease_ms: 1000\ntargets:\n  - ${target}\n` });
  await installation.serve({ worker: false });
  people = await installation.enrol();
});
afterAll(async () => {
  await installation[Symbol.asyncDispose]();
  await removeNamespace(namespace);
});

/** A deployment without pods in its second revision. */
async function makeWeb(name: string): Promise<void> {
  await makeDeployment(namespace, name, 0);
  const template = { metadata: { labels: { app: name, second: 'yes' } } };
  await admin('PATCH', deploymentPath(namespace, name), { body: { spec: { template } } });
  await waitUntil('the second revision', async () => {
    const { metadata, status } = await deploymentOf(namespace, name);
    return status.observedGeneration === metadata.generation;
  });
}

async function propose(action: string, inputs: JsonObject): Promise<string> {
  const steps = [{ action, inputs }];
  const body = { target: 'cluster', steps, start: 'when_allowed', request_id: randomUUID() } as const;
  return (await people.requester.call('opsPlan', { body, preferWaitSeconds: 0 })).op_id;
}

function closed(opId: string): Promise<OperationView> {
  const ended = async () => {
    const view = await people.requester.call('opsGet', { params: { op_id: opId } });
    return view.state === 'closed' && view;
  };
  return waitUntil(`${opId} ends`, ended, { timeoutMs: 90_000, intervalMs: 100 });
}

/** Kills a worker at a point of a change, starts another life of it, and answers how the run ended, and how often the target moved. */
async function killedAt(point: string, action: string, inputsOf: (name: string) => JsonObject) {
  const name = `web-${randomUUID().slice(0, 8)}`;
  await makeWeb(name);
  const before = (await deploymentOf(namespace, name)).metadata.generation ?? 0;
  const victim = await installation.work(people.workerToken, { crashAt: `${point}:1` });
  await victim.waitFor(/Worker ready/);
  const opId = await propose(action, inputsOf(name));
  expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' });
  const worker = await installation.work(people.workerToken);
  const view = await closed(opId);
  const { entries } = await people.requester.call('audit', { query: { subject: opId, limit: 500 } });
  expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  const effects = ((await deploymentOf(namespace, name)).metadata.generation ?? 0) - before;
  return { view, effects, audit: entries.map(({ event }) => event) };
}

const changes: [string, (name: string) => JsonObject][] = [
  ['k8s.scale_deployment', (deployment) => ({ deployment, replicas: 3, wait_seconds: 0 })],
  ['k8s.rollout_restart', (deployment) => ({ deployment })],
  ['k8s.set_image', (deployment) => ({ deployment, image: 'registry.example/web:2' })],
  ['k8s.rollback', (deployment) => ({ deployment })],
  [
    'k8s.apply',
    (name) => ({
      manifest: stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name },
        spec: { minReadySeconds: 1 },
      }),
    }),
  ],
];

it.each(changes)(
  '%s by a worker killed before its outcome is on record: found at the target, one effect (DO-9, DO-12, promise 2)',
  async (action, inputsOf) => {
    const { view, effects, audit } = await killedAt('worker:after-effect', action, inputsOf);
    expect(view.run?.state).toBe('succeeded');
    expect(view.run?.steps).toMatchObject([{ state: 'verified' }]);
    expect(audit.filter((event) => event === 'step.intent')).toHaveLength(1);
    expect(effects).toBe(1);
  },
);

it('k8s.scale_deployment by a worker killed between intent and effect: in doubt while the write may be under way, then failed, no effect (DO-12, promise 2)', async () => {
  const [scale] = changes;
  if (scale === undefined) throw new Error('no change');
  const { view, effects, audit } = await killedAt('worker:before-effect', ...scale);
  expect(view.run?.state).toBe('failed');
  expect(audit).toContain('run.outcome_unknown');
  expect(effects).toBe(0);
});

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectedTarget, localExec, type ParsedStep } from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
import { busyboxImage, tempFolder, testKubeconfig, waitUntil } from '@countersign/testing';
import { onTestFinished } from 'vitest';
import { kubernetesConnector } from '../index.ts';
import { Deployment, Pod } from '../resource/answers.ts';
import { admin, adminAccess, call } from './admin.ts';

/** Makes a namespace; `removeNamespace` takes it away. */
export async function createNamespace(): Promise<string> {
  const name = `countersign-${randomUUID().slice(0, 8)}`;
  await admin('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
  return name;
}

/** Makes a namespace of the test's own, gone when the test ends. */
export async function makeNamespace(): Promise<string> {
  const name = await createNamespace();
  onTestFinished(() => removeNamespace(name));
  return name;
}

/** Asks for the end of a namespace and does not wait for it. */
export async function removeNamespace(name: string): Promise<void> {
  await call('DELETE', `/api/v1/namespaces/${name}?gracePeriodSeconds=0`);
}

/** Stops at once on SIGTERM, otherwise runs for ever. */
export const untilStopped = 'trap "exit 0" TERM; while :; do sleep 0.05; done';

/** A busybox container that runs a script. */
export function containerOf(name: string, script: string) {
  return { name, image: busyboxImage, imagePullPolicy: 'Never', command: ['sh', '-c', script] };
}

/** The specification of a pod with one busybox container, `main`. */
export function podSpec(script = untilStopped, more: object = {}) {
  return { terminationGracePeriodSeconds: 1, containers: [containerOf('main', script)], ...more };
}

/** Makes a pod and waits until it has started. */
export async function makePod(namespace: string, name: string, spec: object): Promise<void> {
  await admin('POST', `/api/v1/namespaces/${namespace}/pods`, { body: { metadata: { name }, spec } });
  await waitUntil(`pod ${name} has started`, async () => (await podOf(namespace, name)).status.phase !== 'Pending', {
    timeoutMs: 60_000,
  });
}

export async function podOf(namespace: string, name: string): Promise<Pod> {
  return Pod.parse(await admin('GET', `/api/v1/namespaces/${namespace}/pods/${name}`));
}

/** A deployment of busybox pods. */
export function deploymentBody(name: string, replicas: number, spec: object = podSpec()) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec },
    },
  };
}

export const deploymentPath = (namespace: string, name = ''): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments${name === '' ? '' : `/${name}`}`;

/** Makes a deployment and waits until its rollout is at its end. */
export async function makeDeployment(namespace: string, name: string, replicas: number, spec?: object): Promise<void> {
  await admin('POST', deploymentPath(namespace), { body: deploymentBody(name, replicas, spec) });
  await waitUntil(
    `deployment ${name} is there`,
    async () => {
      const { metadata, spec: wanted, status } = await deploymentOf(namespace, name);
      return status.observedGeneration === metadata.generation && status.availableReplicas === wanted.replicas;
    },
    { timeoutMs: 60_000 },
  );
}

export async function deploymentOf(namespace: string, name: string): Promise<Deployment> {
  return Deployment.parse(await admin('GET', deploymentPath(namespace, name)));
}

/** Writes a kubeconfig for one of the cluster's users (`admin`, `viewer`) before another server. */
export function kubeconfigFor(user: string, changes: { server?: string; namespace?: string } = {}): string {
  const file = join(tempFolder(), 'kubeconfig');
  const server = changes.server ?? adminAccess().server;
  writeFileSync(
    file,
    JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
      clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: { token: `${user}-token` } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: changes.namespace } }],
    }),
  );
  return file;
}

/** The connector on the tests' cluster, closed when the test ends. `clockOffsetMs` moves its clock. */
export function connectCluster(config: JsonObject, clockOffsetMs = 0): ConnectedTarget {
  const ports = { exec: localExec, now: () => Date.now() + clockOffsetMs };
  const settings = 'in_cluster' in config ? config : { kubeconfig: testKubeconfig(), ...config };
  const connection = kubernetesConnector.connect(settings, ports);
  onTestFinished(() => connection.close());
  return connection;
}

/** A step parsed as the runner does, under a key that nobody used before. */
export function stepOf(action: string, inputs: JsonObject, index = 0): ParsedStep {
  const definition = kubernetesConnector.actions.find(({ name }) => name === action);
  if (definition === undefined) throw new Error(`no action ${action}`);
  const parsed = JsonObject.parse(definition.inputs.parse(inputs));
  return { index, action, inputs: parsed, idempotencyKey: `${randomUUID()}:${index}` };
}

import { ConnectorError } from '@countersign/connector-kit';
import type { JsonObject } from '@countersign/protocol';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { podLines } from '../logs/pod-lines.ts';
import { logRequest } from '../logs/pod-logs.ts';
import { podStatus } from '../reads/overview.ts';
import { type Deployment, Pod } from '../resource/answers.ts';
import { listObjects } from '../resource/list-objects.ts';

const shownPods = 5;
const shownLines = 20;
const shownCharacters = 300;

/** Reasons for which the kubelet waits that no waiting mends. */
const hopeless = new Set([
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
]);
/** Reasons that may pass; after these many restarts, or where none can have been, they have not. */
const tried = new Set(['CrashLoopBackOff', 'ImagePullBackOff']);
const triedRestarts = 2;

/** The pods of a deployment that are not ready; the newest first. */
export async function unreadyPods(
  client: KubernetesClient,
  { metadata, spec }: Deployment,
  signal: AbortSignal,
): Promise<Pod[]> {
  const labels = Object.entries(spec.selector.matchLabels).map(([name, value]) => `${name}=${value}`);
  if (labels.length === 0) return [];
  const query = { namespace: metadata.namespace, labelSelector: labels.join(',') };
  const { items } = await listObjects(client, 'pod', query, Pod, signal);
  const made = ({ metadata: { creationTimestamp } }: Pod): string => creationTimestamp ?? '';
  return items
    .filter(({ status }) => !status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True'))
    .sort((left, right) => (made(left) < made(right) ? 1 : -1));
}

/** Why one of these pods will not become ready by itself; undefined while that is open. */
export function hopelessPod(pods: readonly Pod[]): string | undefined {
  for (const { metadata, status } of pods) {
    for (const { name, state, restartCount } of [...status.initContainerStatuses, ...status.containerStatuses]) {
      const reason = state.waiting?.reason ?? '';
      const given =
        hopeless.has(reason) || (tried.has(reason) && (reason !== 'CrashLoopBackOff' || restartCount >= triedRestarts));
      if (given) return `container ${name} of pod ${metadata.name} is in ${reason}`;
    }
  }
  return undefined;
}

/** What a failed rollout's detail says of its pods: states, and the last lines of the first that has spoken. */
export async function podsDetail(
  client: KubernetesClient,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<JsonObject> {
  const states = pods.slice(0, shownPods).map((pod) => {
    const waiting = pod.status.containerStatuses.find(({ state }) => state.waiting !== undefined)?.state.waiting;
    const message = (waiting?.message ?? '').slice(0, shownCharacters);
    return { pod: pod.metadata.name, status: podStatus(pod), message };
  });
  const [first] = pods;
  return { pods: states, last_log_lines: first === undefined ? [] : await lastLines(client, first, signal) };
}

async function lastLines(client: KubernetesClient, pod: Pod, signal: AbortSignal): Promise<string[]> {
  const { name, namespace = '' } = pod.metadata;
  const container = pod.spec.containers[0]?.name ?? '';
  const request = logRequest({ namespace, name, container }, { tail: shownLines });
  try {
    const call = { what: `read the log of pod ${name}`, effect: 'none' as const, request };
    const stream = await client.open(call, signal);
    const texts: string[] = [];
    try {
      for await (const lines of podLines(stream.chunks, { maxLineBytes: 16 * 1024 })) {
        texts.push(...lines.map(({ text }) => text.slice(0, shownCharacters)));
      }
    } finally {
      stream.close();
    }
    return texts.slice(-shownLines);
  } catch (cause) {
    // The failure that the lines were to explain matters more than that they cannot be read.
    return [`(no log: ${cause instanceof ConnectorError ? cause.message : 'it broke off'})`];
  }
}

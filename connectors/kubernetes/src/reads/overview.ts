import type { JsonObject } from '@countersign/protocol';
import { z } from 'zod';
import { type ApiObject, Deployment, Pod } from '../resource/answers.ts';
import type { Kind } from '../resource/resource.ts';

/** What `kubectl get pods` shows as STATUS: why a pod does not run, else its phase. */
export function podStatus({ metadata, status }: Pod): string {
  if (metadata['deletionTimestamp'] !== undefined) return 'Terminating';
  for (const { state } of [...status.initContainerStatuses, ...status.containerStatuses]) {
    if (state.waiting !== undefined && state.waiting.reason !== '' && state.waiting.reason !== 'PodInitializing') {
      return state.waiting.reason;
    }
    if (state.terminated !== undefined && state.terminated.exitCode !== 0) {
      return state.terminated.reason === '' ? `ExitCode:${state.terminated.exitCode}` : state.terminated.reason;
    }
  }
  return status.reason === '' ? status.phase : status.reason;
}

function podOverview(object: ApiObject): JsonObject {
  const pod = Pod.parse(object);
  const { containerStatuses } = pod.status;
  return {
    status: podStatus(pod),
    ready: `${containerStatuses.filter(({ ready }) => ready).length}/${pod.spec.containers.length}`,
    restarts: containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0),
    node: pod.spec.nodeName,
    containers: pod.spec.containers.map(({ name }) => name),
  };
}

function deploymentOverview(object: ApiObject): JsonObject {
  const { spec, status } = Deployment.parse(object);
  return {
    ready: `${status.readyReplicas}/${spec.replicas}`,
    up_to_date: status.updatedReplicas,
    available: status.availableReplicas,
    paused: spec.paused,
    images: spec.template.spec.containers.map(({ image }) => image),
  };
}

const Replicated = z.looseObject({
  spec: z.looseObject({ replicas: z.int().default(0) }),
  status: z.looseObject({ readyReplicas: z.int().default(0) }).prefault({}),
});
function replicatedOverview(object: ApiObject): JsonObject {
  const { spec, status } = Replicated.parse(object);
  return { ready: `${status.readyReplicas}/${spec.replicas}` };
}

const Service = z.looseObject({
  spec: z.looseObject({
    type: z.string().default('ClusterIP'),
    clusterIP: z.string().default(''),
    ports: z.array(z.looseObject({ port: z.int(), protocol: z.string().default('TCP') })).default([]),
  }),
});
function serviceOverview(object: ApiObject): JsonObject {
  const { type, clusterIP, ports } = Service.parse(object).spec;
  return { type, cluster_ip: clusterIP, ports: ports.map(({ port, protocol }) => `${port}/${protocol}`) };
}

const Node = z.looseObject({
  spec: z.looseObject({ unschedulable: z.boolean().default(false) }).prefault({}),
  status: z.looseObject({
    conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]),
    nodeInfo: z.looseObject({ kubeletVersion: z.string().default('') }).prefault({}),
  }),
});
function nodeOverview(object: ApiObject): JsonObject {
  const { spec, status } = Node.parse(object);
  const ready = status.conditions.find(({ type }) => type === 'Ready')?.status === 'True';
  return { ready, schedulable: !spec.unschedulable, version: status.nodeInfo.kubeletVersion };
}

const ofKind: Partial<Record<Kind, (object: ApiObject) => JsonObject>> = {
  pod: podOverview,
  deployment: deploymentOverview,
  replicaset: replicatedOverview,
  statefulset: replicatedOverview,
  service: serviceOverview,
  node: nodeOverview,
};

/** One line of a list: name, namespace, age, labels, and what people look for in that kind. */
export function overviewOf(kind: Kind, object: ApiObject): JsonObject {
  const { name, namespace, creationTimestamp, labels } = object.metadata;
  const where = namespace === undefined ? {} : { namespace };
  return { name, ...where, created_at: creationTimestamp ?? null, labels, ...ofKind[kind]?.(object) };
}

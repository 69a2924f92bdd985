import { z } from 'zod';

const Texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((texts) => texts ?? {});

/** What all objects have. Source: Kubernetes API, meta/v1 ObjectMeta. */
export const ObjectMeta = z.looseObject({
  name: z.string().min(1),
  namespace: z.string().optional(),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  generation: z.int().optional(),
  creationTimestamp: z.string().nullish(),
  labels: Texts,
  annotations: Texts,
  ownerReferences: z
    .array(z.looseObject({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().optional() }))
    .default([]),
});
export type ObjectMeta = z.infer<typeof ObjectMeta>;

/** Any object of the API. */
export const ApiObject = z.looseObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: ObjectMeta,
});
export type ApiObject = z.infer<typeof ApiObject>;

/** One page of a list; the token is empty on the last one. */
export const ObjectPage = z.object({
  metadata: z.object({ continue: z.string().default('') }),
  items: z
    .array(ApiObject)
    .nullish()
    .transform((items) => items ?? []),
});

const State = z.looseObject({
  running: z.looseObject({ startedAt: z.string().nullish() }).optional(),
  waiting: z.looseObject({ reason: z.string().default(''), message: z.string().default('') }).optional(),
  terminated: z
    .looseObject({ exitCode: z.int(), reason: z.string().default(''), finishedAt: z.string().nullish() })
    .optional(),
});

const ContainerStatus = z.looseObject({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.int().default(0),
  image: z.string().default(''),
  state: State.default({}),
  lastState: State.default({}),
});
export type ContainerStatus = z.infer<typeof ContainerStatus>;

const Container = z.looseObject({ name: z.string(), image: z.string().default('') });

export const Condition = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});
export type Condition = z.infer<typeof Condition>;

const Count = z.int().default(0);

export const Pod = ApiObject.extend({
  spec: z.looseObject({
    nodeName: z.string().default(''),
    containers: z.array(Container),
    initContainers: z.array(Container).default([]),
  }),
  status: z
    .looseObject({
      phase: z.string().default('Unknown'),
      reason: z.string().default(''),
      podIP: z.string().default(''),
      conditions: z.array(Condition).default([]),
      containerStatuses: z.array(ContainerStatus).default([]),
      initContainerStatuses: z.array(ContainerStatus).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof Pod>;

const Selector = z.looseObject({ matchLabels: Texts });

const PodTemplate = z.looseObject({
  metadata: z.looseObject({ labels: Texts, annotations: Texts }).prefault({}),
  spec: z.looseObject({ containers: z.array(Container), initContainers: z.array(Container).default([]) }),
});

export const Deployment = ApiObject.extend({
  spec: z.looseObject({
    replicas: z.int().default(1),
    paused: z.boolean().default(false),
    selector: Selector,
    strategy: z.looseObject({ type: z.string().default('RollingUpdate') }).prefault({}),
    template: PodTemplate,
  }),
  status: z
    .looseObject({
      observedGeneration: Count,
      replicas: Count,
      updatedReplicas: Count,
      readyReplicas: Count,
      availableReplicas: Count,
      conditions: z.array(Condition).default([]),
    })
    .prefault({}),
});
export type Deployment = z.infer<typeof Deployment>;

export const ReplicaSet = ApiObject.extend({
  spec: z.looseObject({ replicas: Count, template: PodTemplate }),
  status: z.looseObject({ replicas: Count, readyReplicas: Count }).prefault({}),
});
export type ReplicaSet = z.infer<typeof ReplicaSet>;

/** An event. Those of the newer API have `eventTime` and `series` in place of times and counts. */
export const ApiEvent = ApiObject.extend({
  involvedObject: z.looseObject({
    kind: z.string().default(''),
    name: z.string().default(''),
    namespace: z.string().default(''),
    uid: z.string().default(''),
  }),
  type: z.string().default('Normal'),
  reason: z.string().default(''),
  message: z.string().default(''),
  count: z.int().nullish(),
  firstTimestamp: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  series: z.looseObject({ count: z.int().optional(), lastObservedTime: z.string().optional() }).nullish(),
  source: z.looseObject({ component: z.string().default('') }).prefault({}),
  reportingComponent: z.string().default(''),
});
export type ApiEvent = z.infer<typeof ApiEvent>;

import { defineAction, Since } from '@countersign/connector-kit';
import { z } from 'zod';
import { kinds } from '../resource/resource.ts';
import { mebibyte, NamespaceInput, ObjectName, second } from './names.ts';
import { describeWording, eventsWording, listWording, podLogsWording } from './read-wording.ts';

const KindInput = z.enum(kinds).describe('Kind of object, in the singular. Secrets are never read.');

const LabelSelector = z
  .string()
  .min(1)
  .max(1024)
  .regex(/^[A-Za-z0-9_./=!, ()-]+$/, 'use a label selector such as app=web,tier!=cache');

export const ListInputs = z.strictObject({
  kind: KindInput,
  namespace: NamespaceInput,
  all_namespaces: z.boolean().default(false).describe('Objects of all namespaces; needs that right.'),
  labels: LabelSelector.optional().describe('Only objects with these labels, as a label selector.'),
  name: z.string().min(1).max(253).optional().describe('Only objects whose name contains this text.'),
});
export type ListInputs = z.infer<typeof ListInputs>;

/** Largest number of last lines that may be asked for. */
const maxTail = 100_000;

export const PodLogsInputs = z.strictObject({
  pod: ObjectName.meta({ description: 'Name of the pod.', 'x-entity': 'pod' }),
  namespace: NamespaceInput,
  container: ObjectName.optional().describe('Container of the pod; needed where it has several.'),
  previous: z.boolean().default(false).describe("The log of the container's last run before its restart."),
  follow: z
    .boolean()
    .default(false)
    .describe('Go on with new lines until cancelled, timed out, or the container ends.'),
  since: Since.optional(),
  tail: z
    .union([z.int().min(0).max(maxTail), z.literal('all')])
    .default(200)
    .describe('How many of the last lines to begin with.'),
  timestamps: z.boolean().default(false).describe("Begin each line with the kubelet's time stamp."),
});

export const EventsInputs = z.strictObject({
  namespace: NamespaceInput,
  kind: KindInput.optional().describe('Only events about objects of this kind.'),
  name: ObjectName.optional().describe('Only events about the object of this name.'),
  warnings: z.boolean().default(false).describe('Only what is no normal event.'),
  since: Since.optional(),
});

export const DescribeInputs = z.strictObject({
  kind: KindInput,
  name: ObjectName.describe('Name of the object.'),
  namespace: NamespaceInput,
});

const read = { effect: 'read', risk: 'low', idempotency: 'target_key', replay: 'none' } as const;

/** `k8s.list`: which objects of a kind there are. */
export const listAction = defineAction({
  ...read,
  name: 'k8s.list',
  version: 1,
  title: 'List Kubernetes objects',
  description: 'Lists pods, deployments, services and other objects of a namespace with their state.',
  timeoutMs: 60 * second,
  outputCapBytes: 4 * mebibyte,
  follows: false,
  inputs: ListInputs,
  wording: listWording,
});

/** `k8s.pod_logs`: lines of one container of a pod, with a summary. */
export const podLogsAction = defineAction({
  ...read,
  name: 'k8s.pod_logs',
  version: 1,
  title: 'Read the log of a pod',
  description: "Reads or follows the log of a pod's container and sums it up: lines, levels, repeated lines.",
  timeoutMs: 900 * second,
  outputCapBytes: 4 * mebibyte,
  follows: true,
  inputs: PodLogsInputs,
  wording: podLogsWording,
});

/** `k8s.events`: what the cluster says has happened. */
export const eventsAction = defineAction({
  ...read,
  name: 'k8s.events',
  version: 1,
  title: 'Read Kubernetes events',
  description: 'Reads the events of a namespace or of one object, groups them and counts warnings.',
  timeoutMs: 60 * second,
  outputCapBytes: 2 * mebibyte,
  follows: false,
  inputs: EventsInputs,
  wording: eventsWording,
});

/** `k8s.describe`: one object with its conditions and events. */
export const describeAction = defineAction({
  ...read,
  name: 'k8s.describe',
  version: 1,
  title: 'Describe a Kubernetes object',
  description: 'Shows one object: state, conditions, events, and all of it but its secrets as YAML.',
  timeoutMs: 60 * second,
  outputCapBytes: 2 * mebibyte,
  follows: false,
  inputs: DescribeInputs,
  wording: describeWording,
});

import type { ParsedStep, ReadResult, WorkContext } from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
import { stringify } from 'yaml';
import { z } from 'zod';
import { httpFailureOf } from '../client/call-error.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { DescribeInputs } from '../manifest/read-actions.ts';
import { type ApiEvent, ApiObject, Condition, Pod } from '../resource/answers.ts';
import { requireObject } from '../resource/find-object.ts';
import { type Kind, resourcesOf } from '../resource/resource.ts';
import { outside, readableNamespace, type Scope } from '../resource/scope.ts';
import { withoutSecrets } from '../resource/withhold.ts';
import { eventLine } from './event-groups.ts';
import { eventsOf } from './events.ts';
import { keepLines } from './keep-lines.ts';
import { overviewOf } from './overview.ts';

const maxEvents = 20;
const maxConditions = 20;
const shownCharacters = 300;

const WithConditions = z.looseObject({
  status: z.looseObject({ conditions: z.array(Condition).default([]) }).prefault({}),
});

function conditionsOf(object: ApiObject): JsonObject[] {
  const found = WithConditions.safeParse(object).data?.status.conditions ?? [];
  return found
    .slice(0, maxConditions)
    .map(({ type, status, reason, message }) => ({ type, status, reason, message: message.slice(0, shownCharacters) }));
}

function containersOf(kind: Kind, object: ApiObject): JsonObject {
  if (kind !== 'pod') return {};
  const { status } = Pod.parse(object);
  const containers = [...status.initContainerStatuses, ...status.containerStatuses].map((container) => {
    const { name, image, ready, restartCount, state, lastState } = container;
    const { waiting, terminated } = state;
    return {
      ...{ name, image, ready, restarts: restartCount },
      state: waiting !== undefined ? 'waiting' : terminated !== undefined ? 'terminated' : 'running',
      reason: waiting?.reason ?? terminated?.reason ?? '',
      exit_code: terminated?.exitCode ?? lastState.terminated?.exitCode ?? null,
    };
  });
  return { container_states: containers };
}

/** Events are worth showing, and not worth failing for: an account may read objects and no events. */
async function eventsAbout(client: KubernetesClient, object: ApiObject, signal: AbortSignal): Promise<ApiEvent[]> {
  try {
    const { namespace, uid } = object.metadata;
    return (await eventsOf(client, namespace, { uid }, signal)).events;
  } catch (error) {
    if (httpFailureOf(error)?.status !== 403) throw error;
    return [];
  }
}

/** Shows one object: what matters of it, its conditions and events, and all of it but its secrets as YAML. */
export async function describeRead(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  context: WorkContext,
): Promise<ReadResult> {
  const { signal } = context;
  const { kind, name, namespace: named } = DescribeInputs.parse(step.inputs);
  const namespaced = resourcesOf[kind].some((resource) => resource.namespaced);
  const namespace = namespaced ? await readableNamespace(scope, named, signal) : undefined;
  if (kind === 'namespace' && !scope.allows(name)) throw outside(scope, `namespace ${name} is none of this target's`);
  const object = await requireObject(client, kind, namespace, name, ApiObject, signal);
  const events = await eventsAbout(client, object, signal);
  const said = [
    ...stringify(withoutSecrets(JsonObject.parse(object)))
      .trimEnd()
      .split('\n'),
    '---',
    '# events',
  ];
  const kept = await keepLines([...said, ...events.map((event) => `# ${eventLine(event)}`)], context);
  const { uid, labels, ownerReferences } = object.metadata;
  return {
    summary: {
      kind,
      ...overviewOf(kind, object),
      uid,
      labels,
      owners: ownerReferences.map((owner) => `${owner.kind.toLowerCase()}/${owner.name}`),
      conditions: conditionsOf(object),
      ...containersOf(kind, object),
      events: events.slice(-maxEvents).map((event) => eventLine(event).slice(0, shownCharacters)),
      truncated: kept.truncated,
    },
    artifacts: [
      { name: `${kind}.yaml`, mediaType: 'application/yaml', content: kept.content, truncated: kept.truncated },
    ],
  };
}

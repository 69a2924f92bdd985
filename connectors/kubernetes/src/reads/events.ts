import { type ParsedStep, type ReadResult, sinceNanoseconds, type WorkContext } from '@countersign/connector-kit';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { EventsInputs } from '../manifest/read-actions.ts';
import { ApiEvent } from '../resource/answers.ts';
import { listResourceObjects } from '../resource/list-objects.ts';
import { resourcesOf } from '../resource/resource.ts';
import { readableNamespace, type Scope } from '../resource/scope.ts';
import { eventLine, groupEvents, lastSeen, lastSeenAt, seenTimes } from './event-groups.ts';
import { keepLines } from './keep-lines.ts';

const events = { kind: 'Event', apiVersion: 'v1', plural: 'events', namespaced: true } as const;

/** Which events of a namespace, as the API's field selector says it. */
export interface EventFilter {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly warnings?: boolean;
}

/** Events of a namespace, oldest first. `cut` where there are more than a list holds. */
export async function eventsOf(
  client: KubernetesClient,
  namespace: string | undefined,
  filter: EventFilter,
  signal: AbortSignal,
): Promise<{ events: ApiEvent[]; cut: boolean }> {
  const fields = [
    filter.kind === undefined ? [] : [`involvedObject.kind=${filter.kind}`],
    filter.name === undefined ? [] : [`involvedObject.name=${filter.name}`],
    filter.uid === undefined ? [] : [`involvedObject.uid=${filter.uid}`],
    filter.warnings === true ? ['type!=Normal'] : [],
  ].flat();
  const fieldSelector = fields.length === 0 ? undefined : fields.join(',');
  const { items, cut } = await listResourceObjects(client, events, { namespace, fieldSelector }, ApiEvent, signal);
  items.sort((left, right) => {
    const order = lastSeenAt(left) - lastSeenAt(right);
    return order === 0n ? 0 : order < 0n ? -1 : 1;
  });
  return { events: items, cut };
}

/** Reads the events of a namespace or of one object, oldest first, and groups them. */
export async function eventsRead(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  nowMs: number,
  context: WorkContext,
): Promise<ReadResult> {
  const { namespace: named, kind, name, warnings, since } = EventsInputs.parse(step.inputs);
  const namespace = await readableNamespace(scope, named, context.signal);
  const objectKind = kind === undefined ? undefined : resourcesOf[kind][0]?.kind;
  const found = await eventsOf(client, namespace, { kind: objectKind, name, warnings }, context.signal);
  const from = since === undefined ? 0n : sinceNanoseconds(since, nowMs);
  const shown = found.events.filter((event) => lastSeenAt(event) >= from);
  const first = shown.at(0);
  const last = shown.at(-1);
  const kept = await keepLines(shown.map(eventLine), context);
  const truncated = found.cut || kept.truncated;
  return {
    summary: {
      namespace,
      events: shown.length,
      seen: shown.reduce((sum, event) => sum + seenTimes(event), 0),
      warnings: shown.filter(({ type }) => type !== 'Normal').length,
      first_at: first === undefined ? null : lastSeen(first),
      last_at: last === undefined ? null : lastSeen(last),
      groups: groupEvents(shown),
      truncated,
    },
    artifacts: [{ name: 'events.txt', mediaType: 'text/plain', content: kept.content, truncated }],
  };
}

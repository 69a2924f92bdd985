import { epochNanoseconds } from '@countersign/connector-kit';
import type { JsonObject } from '@countersign/protocol';
import type { ApiEvent } from '../resource/answers.ts';

const maxGroups = 20;
const shownCharacters = 300;

/** When an event was last seen; the empty text where the event does not say. */
export function lastSeen(event: ApiEvent): string {
  const { series, lastTimestamp, eventTime, firstTimestamp, metadata } = event;
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? firstTimestamp ?? metadata.creationTimestamp ?? '';
}

/** How often an event was seen. */
export function seenTimes({ series, count }: ApiEvent): number {
  return series?.count ?? count ?? 1;
}

/** Nanoseconds of `lastSeen`, for sorting. */
export function lastSeenAt(event: ApiEvent): bigint {
  return epochNanoseconds(lastSeen(event)) ?? 0n;
}

/** One line of an event: time, type, reason, object, message, count. */
export function eventLine(event: ApiEvent): string {
  const { type, reason, involvedObject, message } = event;
  const times = seenTimes(event);
  const again = times > 1 ? ` (${times} times)` : '';
  const said = message.replaceAll(/\s+/g, ' ').trim();
  return `${lastSeen(event)} ${type} ${reason} ${involvedObject.kind.toLowerCase()}/${involvedObject.name}: ${said}${again}`;
}

interface Group {
  readonly type: string;
  readonly reason: string;
  readonly kind: string;
  count: number;
  readonly objects: Set<string>;
  lastAt: string;
  message: string;
}

/** Events of one type, reason and kind as one entry each: warnings first, then by count. `events` are in time order. */
export function groupEvents(events: readonly ApiEvent[]): JsonObject[] {
  const groups = new Map<string, Group>();
  for (const event of events) {
    const { type, reason, involvedObject, message } = event;
    const key = `${type} ${reason} ${involvedObject.kind}`;
    const group: Group = groups.get(key) ?? {
      ...{ type, reason, kind: involvedObject.kind },
      ...{ count: 0, objects: new Set<string>(), lastAt: '', message: '' },
    };
    group.count += seenTimes(event);
    group.objects.add(involvedObject.name);
    group.lastAt = lastSeen(event);
    group.message = message.slice(0, shownCharacters);
    groups.set(key, group);
  }
  const rank = ({ type }: Group): number => (type === 'Normal' ? 1 : 0);
  return [...groups.values()]
    .sort(
      (left, right) => rank(left) - rank(right) || right.count - left.count || (left.reason < right.reason ? -1 : 1),
    )
    .slice(0, maxGroups)
    .map(({ objects, lastAt, ...group }) => ({ ...group, objects: objects.size, last_at: lastAt }));
}

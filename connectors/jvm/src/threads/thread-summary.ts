import type { JsonObject } from '@countersign/protocol';
import type { Thread, ThreadDump } from './thread-dump.ts';

const topStacks = 5;
const shownFrames = 4;
const shownNames = 3;
const shownCharacters = 80;
const shownDeadlocks = 5;
const shownInDeadlock = 8;

function cut(text: string): string {
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters - 1)}…`;
}

function countedBy<Entry>(entries: readonly Entry[], keyOf: (entry: Entry) => string): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  return groups;
}

/** The stacks that most threads share, most threads first; threads of the JVM itself have none. */
function sharedStacks(threads: readonly Thread[]): JsonObject[] {
  const groups = [
    ...countedBy(
      threads.filter(({ frames }) => frames.length > 0),
      ({ frames }) => frames.join('\n'),
    ).values(),
  ];
  return groups
    .sort((left, right) => right.length - left.length || ((left[0]?.name ?? '') < (right[0]?.name ?? '') ? -1 : 1))
    .slice(0, topStacks)
    .map((group) => ({
      threads: group.length,
      state: group[0]?.state ?? null,
      names: group.slice(0, shownNames).map(({ name }) => cut(name)),
      frames: (group[0]?.frames ?? []).slice(0, shownFrames).map(cut),
      more_frames: Math.max(0, (group[0]?.frames.length ?? 0) - shownFrames),
    }));
}

/** Counts what is worth knowing of a dump without reading it. Deadlocks come first, each with its threads by name. */
export function summariseThreads({ threads, deadlocks }: ThreadDump): JsonObject {
  const states = [
    ...countedBy(
      threads.filter(({ state }) => state !== null),
      ({ state }) => state ?? '',
    ),
  ];
  return {
    deadlocks: deadlocks.slice(0, shownDeadlocks).map((deadlock) =>
      deadlock.slice(0, shownInDeadlock).map(({ name, waitsFor, heldBy }) => ({
        thread: cut(name),
        waits_for: cut(waitsFor),
        held_by: cut(heldBy),
      })),
    ),
    deadlock_count: deadlocks.length,
    threads: threads.length,
    java_threads: threads.filter(({ state }) => state !== null).length,
    daemons: threads.filter(({ daemon }) => daemon).length,
    states: Object.fromEntries(
      states.map(([state, group]): [string, number] => [state, group.length]).sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    top_stacks: sharedStacks(threads),
  };
}

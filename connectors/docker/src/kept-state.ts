import { ConnectorError, fingerprint } from '@countersign/connector-kit';
import { z } from 'zod';
import type { Container } from './answers.ts';

/** What must not have moved between the observation and the change. Docker has no compare-and-set: we read again. */
const GuardEntry = z.strictObject({ id: z.string(), startedAt: z.string(), state: z.string(), limits: z.string() });

/** What a recreation left for the step that keeps it or puts the old container back. */
export const Recreated = z.strictObject({
  name: z.string(),
  new_id: z.string(),
  old_id: z.string(),
  old_image: z.string(),
  new_image: z.string(),
  kept_name: z.string(),
  restart_policy: z.string(),
  /** Why the new container does not run already; null if it was started. */
  problem: z.string().nullable(),
});
export type Recreated = z.infer<typeof Recreated>;

/** One entry per container of the list, the digests of the images that it is about, and what earlier steps left. */
export const Guard = z.strictObject({
  containers: z.array(GuardEntry),
  images: z.array(z.strictObject({ reference: z.string(), digest: z.string() })),
  recreated: z.array(Recreated),
});
export type Guard = z.infer<typeof Guard>;

/** A container's run state as it is kept with the intent, and given as what stands after a change. */
export const RunState = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  pid: z.int(),
  started_at: z.string(),
  finished_at: z.string(),
  restart_count: z.int(),
  health: z.string(),
});
export type RunState = z.infer<typeof RunState>;

/** The guard's entry of one container. */
export function guardEntry({ id, startedAt, state, limits }: Container): Guard['containers'][number] {
  return { id, startedAt, state, limits: fingerprint(limits) };
}

/** The guard for the following step: these containers as they are now, the others as they were. */
export function guardAfter(guard: Guard, ...containers: readonly Container[]): Guard {
  const changed = new Set(containers.map(({ id }) => id));
  const others = guard.containers.filter(({ id }) => !changed.has(id));
  return { ...guard, containers: [...others, ...containers.map(guardEntry)] };
}

export function runStateOf(container: Container): RunState {
  return {
    id: container.id,
    name: container.name,
    state: container.state,
    pid: container.pid,
    started_at: container.startedAt,
    finished_at: container.finishedAt,
    restart_count: container.restartCount,
    health: container.health,
  };
}

const how = {
  container: 'was replaced by another one',
  started_at: 'was started again',
  state: 'changed its state',
  limits: 'has other limits',
};

function movedPart(container: Container, guard: Guard): keyof typeof how | null {
  const seen = guard.containers.find(({ id }) => id === container.id);
  if (seen === undefined) return 'container';
  if (seen.startedAt !== container.startedAt) return 'started_at';
  if (seen.state !== container.state) return 'state';
  return seen.limits === fingerprint(container.limits) ? null : 'limits';
}

/** Throws E_PLAN_STALE (effect none) unless the container is the one observed, started when it was, in its state, with its limits. */
export function requireUnmoved(container: Container, guard: Guard): void {
  const moved = movedPart(container, guard);
  if (moved === null) return;
  throw new ConnectorError('E_PLAN_STALE', `container ${container.name} ${how[moved]} since it was observed`, {
    effect: 'none',
    detail: { container: container.name, moved, next: 'plan again from the present state' },
  });
}

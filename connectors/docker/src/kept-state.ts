import { ConnectorError } from '@countersign/connector-kit';
import { z } from 'zod';
import type { Container } from './answers.ts';

/** What must not have moved between the observation and the restart. Docker has no compare-and-set: we read again. */
const GuardEntry = z.strictObject({ id: z.string(), startedAt: z.string(), state: z.string() });
/** One entry per container of the list. */
export const Guard = z.strictObject({ containers: z.array(GuardEntry) });
export type Guard = z.infer<typeof Guard>;

/** A container's run state as it is kept with the intent, and given as what stands after the restart. */
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

export function guardOf(containers: readonly Container[]): Guard {
  return { containers: containers.map(({ id, startedAt, state }) => ({ id, startedAt, state })) };
}

/** The guard for the following step: this container as it is now, the others as they were. */
export function guardAfter(guard: Guard, container: Container): Guard {
  const others = guard.containers.filter(({ id }) => id !== container.id);
  return { containers: [...others, ...guardOf([container]).containers] };
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

/** Throws E_PLAN_STALE (effect none) unless the container is the one observed, started when it was, in its state. */
export function requireUnmoved(container: Container, guard: Guard): void {
  const seen = guard.containers.find(({ id }) => id === container.id);
  const moved = seen === undefined ? 'container' : seen.startedAt !== container.startedAt ? 'started_at' : 'state';
  if (seen !== undefined && moved === 'state' && seen.state === container.state) return;
  const how = { container: 'was replaced by another one', started_at: 'was started again', state: 'changed its state' };
  throw new ConnectorError('E_PLAN_STALE', `container ${container.name} ${how[moved]} since it was observed`, {
    effect: 'none',
    detail: { container: container.name, moved, next: 'plan again from the present state' },
  });
}

import { ConnectorError } from '@countersign/connector-kit';
import { z } from 'zod';
import type { Verb } from '../driver/driver.ts';
import { isUp, type Service } from '../service.ts';

/** What must not have moved between the observation and the change. No manager has a compare-and-set: it is read again. */
const GuardEntry = z.strictObject({ name: z.string(), up: z.boolean(), start: z.string(), restarts: z.int() });
/** One entry a service of the list. */
export const Guard = z.strictObject({ services: z.array(GuardEntry) });
export type Guard = z.infer<typeof Guard>;

/** A service's run state as it is kept with the intent, and given as what stands after the change. */
export const RunState = z.strictObject({
  name: z.string(),
  phase: z.string(),
  native: z.string(),
  pid: z.int(),
  start: z.string(),
  attempt: z.string(),
  restarts: z.int(),
  exit: z.string().nullable(),
});
export type RunState = z.infer<typeof RunState>;

export function guardOf(services: readonly Service[]): Guard {
  return {
    services: services.map((service) => ({
      name: service.name,
      up: isUp(service),
      start: service.start,
      restarts: service.restarts,
    })),
  };
}

/** The guard for the following step: this service as it is now, the others as they were. */
export function guardAfter(guard: Guard, service: Service): Guard {
  const others = guard.services.filter(({ name }) => name !== service.name);
  return { services: [...others, ...guardOf([service]).services] };
}

export function runStateOf({ name, phase, native, pid, start, attempt, restarts, exit }: Service): RunState {
  return { name, phase, native, pid, start, attempt, restarts, exit };
}

/** Whether somebody started it again. What its manager starts by itself, as in a crash loop, is no reason to think again. */
function startedAgain(service: Service, seen: Guard['services'][number] | undefined): boolean {
  if (seen === undefined || seen.start === '' || seen.start === service.start) return false;
  return service.start !== '' && service.restarts <= seen.restarts;
}

/**
 * Throws E_PLAN_STALE (effect none) unless the service is the one observed, up or down as it was. A restart also wants that
 * nobody else restarted it meanwhile.
 */
export function requireUnmoved(verb: Verb, service: Service, guard: Guard): void {
  const seen = guard.services.find(({ name }) => name === service.name);
  const turned = seen?.up !== isUp(service);
  const again = verb === 'restart' && startedAgain(service, seen);
  if (!turned && !again) return;
  const moved = seen === undefined ? 'service' : turned ? 'state' : 'start';
  const how = { service: 'was not observed', start: 'was started again', state: 'changed its state' }[moved];
  throw new ConnectorError('E_PLAN_STALE', `service ${service.name} ${how} since it was observed`, {
    effect: 'none',
    detail: { service: service.name, moved, next: 'plan again from the present state' },
  });
}

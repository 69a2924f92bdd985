import { fingerprint, type Observation, type ParsedStep } from '@countersign/connector-kit';
import type { JsonObject, Precondition } from '@countersign/protocol';
import type { Driver, Verb } from '../driver/driver.ts';
import type { Host } from '../host/host.ts';
import { ChangeInputs } from '../manifest.ts';
import { isUp } from '../service.ts';
import { type Found, findService } from './find-service.ts';
import { guardOf } from './kept-state.ts';
import { requireVerb } from './require-verb.ts';

/** One step of the list with the service it is about. */
export interface StepView {
  readonly index: number;
  readonly verb: Verb;
  readonly inputs: ChangeInputs;
  readonly found: Found;
}

/** One look at everything a list of steps is about. */
export async function look(
  host: Host,
  driver: Driver,
  steps: readonly ParsedStep[],
  signal: AbortSignal,
): Promise<{ identity: string; views: StepView[] }> {
  const identity = `service:${driver.name}:${await host.identity(signal)}`;
  const views: StepView[] = [];
  for (const step of steps) {
    const inputs = ChangeInputs.parse(step.inputs);
    const found = await findService(driver, inputs.service, signal);
    views.push({ index: step.index, verb: requireVerb(step), inputs, found });
  }
  return { identity, views };
}

function observedFields({ service }: Found): JsonObject {
  if (service === undefined) return { exists: false };
  const { name, definition, boot } = service;
  return { exists: true, name, up: isUp(service), definition, boot };
}

/** One precondition for each different service, in the order of the steps; a missing one is a precondition too. */
export function preconditionsOf(views: readonly StepView[]): Precondition[] {
  const byResource = new Map<string, Precondition>();
  for (const { found } of views) {
    const observed = observedFields(found);
    const resource = `services/${found.service?.name ?? found.asked}`;
    byResource.set(resource, { resource, kind: 'service', fingerprint: fingerprint(observed), observed });
  }
  return [...byResource.values()];
}

/** What a run compares with its plan, and the guard for the first change. */
export async function observe(
  host: Host,
  driver: Driver,
  steps: readonly ParsedStep[],
  signal: AbortSignal,
): Promise<Observation> {
  const { identity, views } = await look(host, driver, steps, signal);
  const services = views.flatMap(({ found }) => (found.service === undefined ? [] : [found.service]));
  const different = new Map(services.map((service) => [service.name, service]));
  return { identity, preconditions: preconditionsOf(views), guard: guardOf([...different.values()]) };
}

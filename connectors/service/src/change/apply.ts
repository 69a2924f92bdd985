import {
  type Applied,
  ConnectorError,
  interruption,
  type ParsedStep,
  type WorkContext,
} from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import type { Attempted, Driver, Verb } from '../driver/driver.ts';
import { ChangeInputs, effectTimeoutMs } from '../manifest.ts';
import type { Service } from '../service.ts';
import { requireService } from './find-service.ts';
import { Guard, guardAfter, RunState, requireUnmoved, runStateOf } from './kept-state.ts';
import { requireVerb } from './require-verb.ts';

/** How often people are told that the manager is still at it. */
const tellMs = 5_000;

/** The service's run state before the change; throws E_PLAN_STALE if it moved since it was observed. */
export async function before(driver: Driver, step: ParsedStep, guard: Json, context: WorkContext): Promise<RunState> {
  const { service: asked } = ChangeInputs.parse(step.inputs);
  const service = await requireService(driver, asked, context.signal);
  requireUnmoved(requireVerb(step), service, Guard.parse(guard));
  return runStateOf(service);
}

/**
 * Has the service started, stopped or restarted. It is read once more right before: the window in which somebody else's
 * change goes unseen is one call to the manager wide. A change that has begun is never cut in halves: a cancel stops the
 * waiting for it, and leaves it to be read back. Where the manager says that it failed, it has tried: `verify` then finds what is
 * wrong with the service.
 */
export async function apply(
  driver: Driver,
  step: ParsedStep,
  before: Json,
  guard: Json,
  context: WorkContext,
): Promise<Applied> {
  const verb = requireVerb(step);
  const was = RunState.parse(before);
  const kept = Guard.parse(guard);
  requireUnmoved(verb, await requireService(driver, was.name, context.signal), kept);
  const attempted = await act(driver, verb, was.name, context);
  if (attempted.said === 'failed') await context.output('note', `${driver.name} says: ${attempted.why}\n`);
  const service = await readBack(driver, verb, was.name, context.signal);
  return { after: runStateOf(service), guard: guardAfter(kept, service) };
}

async function act(driver: Driver, verb: Verb, name: string, context: WorkContext): Promise<Attempted> {
  context.progress(`${driver.name} is to ${verb} ${name}`);
  let waited = 0;
  const timer = setInterval(() => {
    waited += tellMs / 1000;
    context.progress(`${driver.name} has been at it for ${waited} s: ${verb} ${name}`);
  }, tellMs);
  try {
    return await driver.act(verb, name, effectTimeoutMs, context.signal);
  } finally {
    clearInterval(timer);
  }
}

/** Reads a changed service. Unlike that of other reads, its failure cannot promise that there was no effect. */
async function readBack(driver: Driver, verb: Verb, name: string, signal: AbortSignal): Promise<Service> {
  try {
    const service = await driver.inspect(name, signal);
    if (service !== undefined) return service;
  } catch (cause) {
    if (signal.aborted) throw interruption(signal, `reading back the ${verb}`, 'maybe');
    throw new ConnectorError('E_TARGET_UNREACHABLE', `the ${verb} of ${name} was had, but ${name} cannot be read now`, {
      cause,
    });
  }
  throw new ConnectorError('E_VERIFY', `service ${name} is gone after its ${verb}`);
}

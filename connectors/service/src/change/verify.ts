import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Applied,
  ConnectorError,
  interruption,
  type ParsedStep,
  type WorkContext,
} from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import type { Driver, Verb } from '../driver/driver.ts';
import type { Host } from '../host/host.ts';
import { ChangeInputs } from '../manifest.ts';
import { lastLines } from '../read/last-lines.ts';
import type { Service } from '../service.ts';
import { RunState, runStateOf } from './kept-state.ts';
import { requireVerb } from './require-verb.ts';

const pollMs = 500;
/** How long a service may be starting or stopping after its manager said that it was done. */
const settleMs = 60_000;

/** What a service says on one look: it is as wanted, it is on its way there, or this is wrong with it. */
export type Look = { readonly is: 'as_wanted' | 'on_its_way' } | { readonly is: 'wrong'; readonly problem: string };

function wrong(problem: string): Look {
  return { is: 'wrong', problem };
}

function ended({ native, exit }: Service): string {
  return exit === null ? native : `${native}, ${exit}`;
}

/** Judges one look at a service after it was started or restarted. */
export function startedLook(verb: 'start' | 'restart', service: Service, was: RunState, after: RunState): Look {
  const { phase, start, restarts } = service;
  if (phase === 'starting' || phase === 'stopping') return { is: 'on_its_way' };
  if (phase === 'restarting') return wrong(`crashes: its manager is about to start it again (${ended(service)})`);
  if (phase !== 'running') return wrong(`does not run: it is ${ended(service)}`);
  if (restarts > after.restarts) return wrong(`crashes: its manager had to start it again (${restarts} times)`);
  if (after.phase === 'running' && start !== after.start) return wrong('crashes: it was started once more since');
  if (verb === 'restart' && start !== '' && start === was.start) return wrong('was not started again');
  return { is: 'as_wanted' };
}

/** Judges one look at a service after it was stopped. One that ended badly on its stop is stopped all the same. */
export function stoppedLook(service: Service): Look {
  const { phase, native } = service;
  if (phase === 'stopped' || phase === 'failed') return { is: 'as_wanted' };
  return phase === 'stopping' ? { is: 'on_its_way' } : wrong(`was not stopped, or was started again: it is ${native}`);
}

function judge(verb: Verb, service: Service, was: RunState, after: RunState): Look {
  return verb === 'stop' ? stoppedLook(service) : startedLook(verb, service, was, after);
}

/**
 * Reads back that the service is as wanted and stays so for `stable_seconds`. Throws E_VERIFY with the service's last log
 * lines where it does not, as in a crash loop.
 */
export async function verify(
  host: Host,
  driver: Driver,
  step: ParsedStep,
  before: Json,
  applied: Applied,
  context: WorkContext,
): Promise<Json> {
  const verb = requireVerb(step);
  const { stable_seconds } = ChangeInputs.parse(step.inputs);
  const [was, after] = [RunState.parse(before), RunState.parse(applied.after)];
  const beganAt = performance.now();
  let wantedSince: number | undefined;
  let told = false;
  for (;;) {
    const service = await driver.inspect(was.name, context.signal);
    if (service === undefined) throw new ConnectorError('E_VERIFY', `service ${was.name} is gone after its ${verb}`);
    const look = judge(verb, service, was, after);
    const now = performance.now();
    if (look.is === 'wrong') throw await verifyError(host, driver, service, look.problem, context.signal);
    if (look.is === 'as_wanted') wantedSince ??= now;
    else if (now - beganAt > settleMs) {
      throw await verifyError(
        host,
        driver,
        service,
        `is still ${service.native} after ${settleMs / 1000} s`,
        context.signal,
      );
    }
    if (wantedSince !== undefined && now - wantedSince >= stable_seconds * 1000) return runStateOf(service);
    if (!told) context.progress(`${was.name} is ${service.native}; it must stay so for ${stable_seconds} s`);
    told = true;
    await sleep(pollMs, undefined, { signal: context.signal }).catch(() => {
      throw interruption(context.signal, `verifying the ${verb}`, 'maybe');
    });
  }
}

async function verifyError(
  host: Host,
  driver: Driver,
  service: Service,
  problem: string,
  signal: AbortSignal,
): Promise<ConnectorError> {
  const { name, native, exit, restarts } = service;
  return new ConnectorError('E_VERIFY', `service ${name} ${problem}`, {
    detail: {
      service: name,
      state: native,
      exit,
      restarts,
      last_log_lines: await lastLines(host, driver, service, signal),
    },
  });
}

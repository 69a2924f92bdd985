import type { Check } from '@countersign/protocol';
import type { Verb } from '../driver/driver.ts';
import type { Service } from '../service.ts';
import type { Found } from './find-service.ts';

type Verdict = Pick<Check, 'status' | 'severity' | 'message'>;

const pass = (message: string): Verdict => ({ status: 'pass', severity: 'info', message });
const warn = (message: string): Verdict => ({ status: 'warn', severity: 'warning', message });
const fail = (message: string): Verdict => ({ status: 'fail', severity: 'error', message });

function state(verb: Verb, { name, phase, native }: Service): Verdict {
  if (phase === 'unknown') return fail(`the state of ${name} is not known (${native}): nothing could be read back`);
  if (verb === 'start') {
    if (phase === 'running')
      return fail(`${name} runs already: nothing would change; service.restart replaces its process`);
    return phase === 'stopped' ? pass(`${name} does not run`) : warn(`${name} is ${phase} (${native})`);
  }
  if (verb === 'stop') {
    if (phase === 'stopped') return fail(`${name} does not run: nothing would change`);
    return phase === 'running' ? pass(`${name} is running`) : warn(`${name} is ${phase} (${native})`);
  }
  if (phase === 'running') return pass(`${name} is running`);
  if (phase === 'stopped') return warn(`${name} does not run: the restart will start it`);
  if (phase === 'restarting') return warn(`${name} is between two starts of its manager: it may be crashing`);
  return warn(`${name} is ${phase} (${native})`);
}

function allowed(verb: Verb, { name, obstacles }: Service): Verdict {
  const reasons = [...(verb === 'start' ? [] : obstacles.stop), ...(verb === 'stop' ? [] : obstacles.start)];
  return reasons.length === 0
    ? pass(`its manager can ${verb} ${name}`)
    : fail(`${name} cannot be changed so: ${reasons.join('; ')}`);
}

/** A start without a process to look at can never be told from the one before. */
function told(verb: Verb, { name, phase, start }: Service): Verdict {
  if (verb === 'stop' || phase !== 'running' || start !== '') return pass(`the process of ${name} can be read back`);
  return fail(
    `the process of ${name} is not known, so that a restart could not be read back: set pid_files.${name} in the config of the target`,
  );
}

function dependents(verb: Verb, { name, dependents: names }: Service): Verdict {
  if (verb === 'start' || names.length === 0) return pass(`no other running service stops with ${name}`);
  const count = names.length === 1 ? 'service stops' : 'services stop';
  return warn(`${names.length} running ${count} with ${name}: ${names.join(', ')}`);
}

function cautions({ name, cautions: all }: Service): Verdict {
  return all.length === 0 ? pass(`nothing else is known that ${name} depends on`) : warn(`${name}: ${all.join('; ')}`);
}

/** What a check needs to know beside the service itself. */
export interface CheckedAround {
  /** Processes on this host that the worker descends from, itself included; empty where the services run elsewhere. */
  readonly ownProcesses: ReadonlySet<number>;
  /** Whether an earlier step of the list changes the same service. */
  readonly seenBefore: boolean;
}

/** The preflight checks of one change. Says nothing that ages. */
export function changeChecks(verb: Verb, found: Found, { ownProcesses, seenBefore }: CheckedAround): Check[] {
  const { service } = found;
  const of = (id: string, verdict: Verdict): Check => ({ id: `${id}:${service?.name ?? found.asked}`, ...verdict });
  if (service === undefined) {
    const hint = found.nearest.length === 0 ? '' : `; nearest: ${found.nearest.join(', ')}`;
    return [of('service_exists', fail(`no service ${found.asked}${hint}`))];
  }
  const { name, pid } = service;
  const checks = [
    of('service_exists', pass(`${name} exists`)),
    of('service_state', state(verb, service)),
    of('change_possible', allowed(verb, service)),
    of('process_known', told(verb, service)),
    of('service_dependents', dependents(verb, service)),
    of('service_cautions', cautions(service)),
    of(
      'not_ourselves',
      pid !== 0 && ownProcesses.has(pid)
        ? fail(`the worker itself runs in ${name} and could not see the change through`)
        : pass(`the worker does not run in ${name}`),
    ),
  ];
  if (seenBefore) checks.push(of('changed_once', fail(`${name} is changed by an earlier step already`)));
  return checks;
}

import type { Diff } from '@countersign/protocol';
import type { Verb } from '../driver/driver.ts';
import type { Service } from '../service.ts';

/** The parts of a service that a diff shows; all of them stand in the plan's precondition too. */
export type ChangedService = Pick<Service, 'name' | 'definition' | 'boot'> & { readonly up: boolean };

const summaries: Readonly<Record<Verb, string>> = {
  restart: 'restart: process replaced',
  start: 'start: process made',
  stop: 'stop: process ended',
};

/** What a change does to a service. A state diff: it names no time and no pid, so it does not age. */
export function changeDiff(step: number, verb: Verb, service: ChangedService, stableSeconds: number): Diff {
  const path = `services/${service.name}`;
  const [was, becomes] = [service.up ? 'up' : 'down', verb === 'stop' ? 'down' : 'up'];
  const state = was === becomes ? [` state: ${was}`] : [`-state: ${was}`, `+state: ${becomes}`];
  const lines = [
    `--- ${path}`,
    `+++ ${path}`,
    '@@ run state @@',
    ...state,
    service.up ? '-process: <current process>' : '-process: <none>',
    verb === 'stop' ? '+process: <none>' : '+process: <new process>',
    ` starts with the machine: ${service.boot === '' ? '<not told>' : service.boot}`,
    ` started by: ${service.definition ?? '<not readable>'}`,
    ` counts as done when it stayed so for: ${stableSeconds} s`,
  ];
  return { step, path, summary: summaries[verb], patch: `${lines.join('\n')}\n` };
}

import type { Diff } from '@countersign/protocol';
import type { Container } from './answers.ts';

/** The parts of a container that a restart's diff shows; all of them stand in the plan's precondition too. */
export type RestartedContainer = Pick<Container, 'name' | 'state' | 'restartPolicy' | 'imageName' | 'imageDigest'>;

/** What a restart changes at a container. A state diff: it names no time and no pid, so it does not age. */
export function restartDiff(step: number, container: RestartedContainer, stopTimeoutSeconds: number): Diff {
  const path = `containers/${container.name}`;
  const runs = ['running', 'paused', 'restarting'].includes(container.state);
  const started = container.state === 'created' ? '<never>' : '<earlier>';
  const state = container.state === 'running' ? [' state: running'] : [`-state: ${container.state}`, '+state: running'];
  const lines = [
    `--- ${path}`,
    `+++ ${path}`,
    '@@ run state @@',
    ...state,
    runs ? '-pid: <current process>' : '-pid: <none>',
    '+pid: <new process>',
    `-started: ${started}`,
    '+started: <later>',
    ` restart policy: ${container.restartPolicy}`,
    ` image: ${container.imageName}`,
    ` image digest: ${container.imageDigest}`,
    ` stop timeout: ${stopTimeoutSeconds} s`,
  ];
  return { step, path, summary: 'restart: process replaced', patch: `${lines.join('\n')}\n` };
}

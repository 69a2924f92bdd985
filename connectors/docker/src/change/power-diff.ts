import type { Diff } from '@countersign/protocol';
import type { ObservedContainer } from '../observed.ts';

const runs = (state: string): boolean => ['running', 'paused', 'restarting'].includes(state);

/** A state diff of one container: it names no time and no pid, so it does not age. */
function stateDiff(step: number, container: ObservedContainer, summary: string, changed: readonly string[]): Diff {
  const path = `containers/${container.name}`;
  const lines = [
    `--- ${path}`,
    `+++ ${path}`,
    '@@ run state @@',
    ...changed,
    ` restart policy: ${container.restart_policy}`,
    ` image: ${container.image}`,
    ` image digest: ${container.image_digest}`,
  ];
  return { step, path, summary, patch: `${lines.join('\n')}\n` };
}

const startLines = (state: string): string[] => [
  `-started: ${state === 'created' ? '<never>' : '<earlier>'}`,
  '+started: <later>',
];

/** What a restart changes: also one that does not run is started. */
export function restartDiff(step: number, container: ObservedContainer, stopTimeoutSeconds: number): Diff {
  const { state } = container;
  return stateDiff(step, container, 'restart: process replaced', [
    ...(state === 'running' ? [' state: running'] : [`-state: ${state}`, '+state: running']),
    runs(state) ? '-pid: <current process>' : '-pid: <none>',
    '+pid: <new process>',
    ...startLines(state),
    ` stop timeout: ${stopTimeoutSeconds} s`,
  ]);
}

/** What a stop changes: what the container serves is gone. */
export function stopDiff(step: number, container: ObservedContainer, stopTimeoutSeconds: number): Diff {
  return stateDiff(step, container, 'stop: process ended', [
    `-state: ${container.state}`,
    '+state: exited',
    '-pid: <current process>',
    '+pid: <none>',
    ` stop timeout: ${stopTimeoutSeconds} s`,
  ]);
}

/** What a start changes. */
export function startDiff(step: number, container: ObservedContainer): Diff {
  return stateDiff(step, container, 'start: new process', [
    `-state: ${container.state}`,
    '+state: running',
    '-pid: <none>',
    '+pid: <new process>',
    ...startLines(container.state),
  ]);
}

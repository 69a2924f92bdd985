import type { Check } from '@countersign/protocol';
import type { Container, ListedContainer } from './answers.ts';
import type { Found } from './find-container.ts';

type Verdict = Pick<Check, 'status' | 'severity' | 'message'>;

const pass = (message: string): Verdict => ({ status: 'pass', severity: 'info', message });
const warn = (message: string): Verdict => ({ status: 'warn', severity: 'warning', message });
const fail = (message: string): Verdict => ({ status: 'fail', severity: 'error', message });

function running({ name, state }: Container): Verdict {
  if (state === 'running') return pass(`${name} is running`);
  if (state === 'exited' || state === 'created') return warn(`${name} is ${state}: the restart will start it`);
  if (state === 'paused') return warn(`${name} is paused: the restart will end the pause with a new process`);
  if (state === 'restarting') return warn(`${name} is between two starts of its restart policy: it may be crashing`);
  return fail(`${name} is ${state}: it cannot be restarted`);
}

function healthy({ name, health }: Container): Verdict {
  if (health === 'none' || health === '') return pass(`${name} has no health check`);
  return health === 'healthy' ? pass(`${name} is healthy`) : warn(`${name} is ${health}`);
}

function dependents(container: Container, others: readonly ListedContainer[]): Verdict {
  const owners = new Set([container.id, container.name]);
  const names = others
    .filter(({ networkMode }) => owners.has(networkMode.replace(/^container:/, '')))
    .filter(({ networkMode }) => networkMode.startsWith('container:'))
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) return pass(`no running container uses the network of ${container.name}`);
  return warn(
    `${names.length} running ${names.length === 1 ? 'container uses' : 'containers use'} the network of ${container.name} and will lose it: ${names.join(', ')}`,
  );
}

/**
 * The preflight checks of restarting one container. Says nothing that ages. `ownId` is the container this process runs
 * in, if it does; `others` the running containers of the daemon.
 */
export function restartChecks(
  found: Found,
  others: readonly ListedContainer[],
  ownId: string | undefined,
  seenBefore: boolean,
): Check[] {
  const { container } = found;
  const of = (id: string, verdict: Verdict): Check => ({
    id: `${id}:${container?.name ?? found.reference}`,
    ...verdict,
  });
  if (container === undefined) {
    const hint = found.nearest.length === 0 ? '' : `; nearest: ${found.nearest.join(', ')}`;
    return [of('container_exists', fail(`no container ${found.reference}${hint}`))];
  }
  const checks = [
    of('container_exists', pass(`${container.name} exists`)),
    of('container_running', running(container)),
    of('container_health', healthy(container)),
    of('network_dependents', dependents(container, others)),
    of(
      'not_ourselves',
      container.id === ownId
        ? fail(`the worker itself runs in ${container.name} and could not see the restart through`)
        : pass(`the worker does not run in ${container.name}`),
    ),
  ];
  if (seenBefore) checks.push(of('restarted_once', fail(`${container.name} is restarted by an earlier step already`)));
  return checks;
}

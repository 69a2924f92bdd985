import type { Check } from '@countersign/protocol';
import type { Container, ListedContainer } from '../answers.ts';
import type { Found } from '../find-container.ts';
import type { StepView, Surroundings } from './change.ts';

export type Judgement = Pick<Check, 'status' | 'severity' | 'message'>;

export const pass = (message: string): Judgement => ({ status: 'pass', severity: 'info', message });
export const warn = (message: string): Judgement => ({ status: 'warn', severity: 'warning', message });
export const fail = (message: string): Judgement => ({ status: 'fail', severity: 'error', message });

/** A check of one container, under an id that a second container of the list does not share. */
export function checkOf(id: string, found: Found, judgement: Judgement): Check {
  return { id: `${id}:${found.container?.name ?? found.reference}`, ...judgement };
}

/** Whether the container is there; a failing check names the nearest. */
export function existence(found: Found): Check {
  if (found.container !== undefined) return checkOf('container_exists', found, pass(`${found.container.name} exists`));
  const hint = found.nearest.length === 0 ? '' : `; nearest: ${found.nearest.join(', ')}`;
  return checkOf('container_exists', found, fail(`no container ${found.reference}${hint}`));
}

/** Names of the running containers that use a container's network. */
function dependents(container: Container, running: readonly ListedContainer[]): string[] {
  const owners = new Set([container.id, container.name]);
  return running
    .filter(({ networkMode }) => owners.has(networkMode.replace(/^container:/, '')))
    .filter(({ networkMode }) => networkMode.startsWith('container:'))
    .map(({ name }) => name)
    .sort();
}

/** What a change that ends the container's process means to others, and to ourselves. */
export function interruptionChecks(found: Found & { container: Container }, around: Surroundings): Check[] {
  const { container } = found;
  const names = dependents(container, around.running);
  const use = names.length === 1 ? 'container uses' : 'containers use';
  return [
    checkOf(
      'network_dependents',
      found,
      names.length === 0
        ? pass(`no running container uses the network of ${container.name}`)
        : warn(`${names.length} running ${use} the network of ${container.name} and will lose it: ${names.join(', ')}`),
    ),
    checkOf(
      'not_ourselves',
      found,
      container.id === around.ownId
        ? fail(`the worker itself runs in ${container.name} and could not see the change through`)
        : pass(`the worker does not run in ${container.name}`),
    ),
  ];
}

/** Whether the container is changed by one step of the list alone: later plans would rest on states that never were seen. */
export function changedOnce(view: StepView, { earlier }: Surroundings): Check[] {
  const { container } = view.found;
  const again = earlier.some(({ found }) => found.container !== undefined && found.container.id === container?.id);
  if (!again || container === undefined) return [];
  return [checkOf('changed_once', view.found, fail(`${container.name} is changed by an earlier step already`))];
}

/** How healthy a container says that it is. */
export function health(found: Found & { container: Container }): Check {
  const { name, health: word } = found.container;
  const judgement =
    word === 'none' || word === ''
      ? pass(`${name} has no health check`)
      : word === 'healthy'
        ? pass(`${name} is healthy`)
        : warn(`${name} is ${word}`);
  return checkOf('container_health', found, judgement);
}

/** Narrows a view to one whose container is there. */
export function isThere(found: Found): found is Found & { container: Container } {
  return found.container !== undefined;
}

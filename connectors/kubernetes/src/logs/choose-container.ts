import { ConnectorError, nearestNames } from '@countersign/connector-kit';
import type { Pod } from '../resource/answers.ts';

/** The annotation by which a pod says which of its containers is meant. */
const defaultContainer = 'kubectl.kubernetes.io/default-container';

/**
 * The container of a pod that is meant: the named one, the only one, or the one that the pod calls its default. Throws
 * E_TARGET_MISSING with the nearest names for a wrong name, E_VALIDATION with all names where one must be chosen.
 */
export function chooseContainer({ metadata, spec }: Pod, named: string | undefined): string {
  const names = [...spec.containers, ...spec.initContainers].map(({ name }) => name);
  const wanted = named ?? metadata.annotations[defaultContainer];
  if (wanted !== undefined && names.includes(wanted)) return wanted;
  if (named !== undefined) {
    throw new ConnectorError('E_TARGET_MISSING', `pod ${metadata.name} has no container ${named}`, {
      effect: 'none',
      detail: { container: named, nearest: nearestNames(named, names), containers: names },
    });
  }
  const [only, ...others] = spec.containers;
  if (only !== undefined && others.length === 0) return only.name;
  throw new ConnectorError('E_VALIDATION', `pod ${metadata.name} has several containers: ${names.join(', ')}`, {
    effect: 'none',
    detail: { field: 'container', containers: names, next: 'name one of them' },
  });
}

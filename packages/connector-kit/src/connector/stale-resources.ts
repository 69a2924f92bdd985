import type { Precondition } from '@countersign/protocol';
import type { Observation } from './connector.ts';

/** The resources whose fingerprints differ from the approved plan, came or went. Empty means fresh. */
export function staleResources(
  planned: { readonly identity: string; readonly preconditions: readonly Precondition[] },
  observed: Pick<Observation, 'identity' | 'preconditions'>,
): string[] {
  const nameOf = (precondition: Precondition): string => `${precondition.kind} ${precondition.resource}`;
  const stale = new Set<string>();
  if (planned.identity !== observed.identity) stale.add(`identity ${observed.identity}`);
  const now = new Map(observed.preconditions.map((precondition) => [nameOf(precondition), precondition.fingerprint]));
  for (const precondition of planned.preconditions) {
    if (now.get(nameOf(precondition)) !== precondition.fingerprint) stale.add(nameOf(precondition));
    now.delete(nameOf(precondition));
  }
  for (const appeared of now.keys()) stale.add(appeared);
  return [...stale].sort();
}

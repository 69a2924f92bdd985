import type { Check, Precondition } from '@countersign/protocol';

/** Why a plan no longer fits the target: the resources whose fingerprints differ, came or went. Empty means fresh. */
export function staleResources(
  planned: { readonly identity: string; readonly preconditions: readonly Precondition[] },
  observed: { readonly identity: string; readonly preconditions: readonly Precondition[] },
): string[] {
  const stale = new Set<string>();
  if (planned.identity !== observed.identity) stale.add(`identity of ${planned.identity}`);
  const key = (precondition: Precondition): string => `${precondition.kind} ${precondition.resource}`;
  const now = new Map(observed.preconditions.map((precondition) => [key(precondition), precondition.fingerprint]));
  for (const precondition of planned.preconditions) {
    if (now.get(key(precondition)) !== precondition.fingerprint) stale.add(key(precondition));
    now.delete(key(precondition));
  }
  for (const extra of now.keys()) stale.add(extra);
  return [...stale].sort();
}

/** Checks that block a run. */
export function blockingChecks(checks: readonly Check[]): Check[] {
  return checks.filter((check) => check.status === 'fail' && check.severity === 'error');
}

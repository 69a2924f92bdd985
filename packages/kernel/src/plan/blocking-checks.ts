import type { Check } from '@countersign/protocol';

/** Checks that block a run. */
export function blockingChecks(checks: readonly Check[]): Check[] {
  return checks.filter((check) => check.status === 'fail' && check.severity === 'error');
}

import type { Check, Diff } from '@countersign/protocol';
import { blockingChecks } from './blocking-checks.ts';

/** Indexes of the steps of a plan that show no change. */
export function undiffedSteps(stepCount: number, diffs: readonly Pick<Diff, 'step'>[]): number[] {
  const shown = new Set(diffs.map(({ step }) => step));
  return Array.from({ length: stepCount }, (_, index) => index).filter((index) => !shown.has(index));
}

/**
 * The checks of a plan with the rule that no change runs unseen: where a step shows no diff and nothing else forbids the
 * run, a failing check is added. A restart or a scale has a state diff, so it passes.
 */
export function withDiffCheck(stepCount: number, diffs: readonly Diff[], checks: readonly Check[]): Check[] {
  const unseen = undiffedSteps(stepCount, diffs);
  if (unseen.length === 0 || blockingChecks(checks).length > 0) return [...checks];
  const message = `step(s) ${unseen.join(', ')} of the plan show no change: what cannot be seen is not run`;
  return [...checks, { id: 'plan.every_step_has_a_diff', status: 'fail', severity: 'error', message }];
}

import type { Check, PlanBody, RunFacts, TargetRef } from '@countersign/protocol';
import { blockingChecks } from '../plan/blocking-checks.ts';
import { undiffedSteps } from '../plan/undiffed-steps.ts';
import type { Step } from '../run/run.ts';

/** Checks that tried the change on a copy first: `dry_run` stands in their id between dots or colons, or alone. */
const dryRunId = /(?:^|[.:])dry_run(?:$|[.:])/;
/** Actions that bring something to a newer version, such as `odoo.upgrade_modules`. */
const upgradeAction = /\.(?:[a-z0-9_]*_)?upgrade(?:_|$)/;

function dryRunOf(checks: readonly Check[]): RunFacts['dry_run'] {
  const tried = checks.filter(({ id }) => dryRunId.test(id));
  if (tried.length === 0) return null;
  if (tried.some(({ status }) => status === 'fail')) return 'fail';
  return tried.some(({ status }) => status === 'warn') ? 'warn' : 'pass';
}

/** What the audit entry of an ended run says for the success measures. Without a plan nothing was shown or checked. */
export function runFacts(
  { project, environment, tier }: TargetRef,
  plan: PlanBody | null,
  steps: readonly Pick<Step, 'action' | 'intentAt'>[],
): RunFacts {
  const checks = plan?.checks ?? [];
  const diffs = plan?.diffs ?? [];
  return {
    project,
    environment,
    tier,
    steps: steps.length,
    effects: steps.filter(({ intentAt }) => intentAt !== null).length,
    diffs: diffs.length,
    undiffed: undiffedSteps(steps.length, diffs).length,
    checks: checks.length,
    blocking: blockingChecks(checks).length,
    upgrade: steps.some(({ action }) => upgradeAction.test(action)),
    dry_run: dryRunOf(checks),
  };
}

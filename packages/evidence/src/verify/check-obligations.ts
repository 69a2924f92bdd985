import type { ApprovalStatement, BundleValidation, Obligation } from '@countersign/protocol';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import type { VerdictsByDigest } from './check-validation.ts';
import type { FindingList } from './finding-list.ts';

/**
 * What had to be met. A verdict at run start can be `allow` because the approvals were already counted; then it is the
 * verdict that the latest approval was signed under which says what was demanded.
 */
function demanded(
  validation: BundleValidation,
  verdicts: VerdictsByDigest,
  statements: readonly ApprovalStatement[],
): readonly Obligation[] {
  if (validation.verdict.decision !== 'allow') return validation.verdict.obligations;
  const latest = statements.reduce<ApprovalStatement | null>(
    (last, next) => (last === null || next.issued_at >= last.issued_at ? next : last),
    null,
  );
  return (latest === null ? undefined : verdicts.get(latest.verdict_digest)?.obligations) ?? [];
}

function approverRoots(statements: readonly ApprovalStatement[]): number {
  return new Set(statements.filter(({ kind }) => kind === 'approve').map((each) => each.approver_root)).size;
}

/** Checks that approvals which hold meet the obligations. `statements` are only those; a root counts once. */
export function checkObligations(
  validation: BundleValidation,
  verdicts: VerdictsByDigest,
  statements: readonly ApprovalStatement[],
  findings: FindingList,
): void {
  const problems: string[] = [];
  for (const obligation of demanded(validation, verdicts, statements)) {
    if (obligation.kind === 'step_up') {
      const detail = 'Policy demanded a step-up, which a bundle holds no evidence of.';
      findings.add('approvals.obligations', 'unknown', bundlePaths.approvals, detail);
    } else if (obligation.kind === 'confirm') {
      if (!statements.some(({ kind }) => kind === 'confirm')) problems.push('The requester did not confirm.');
    } else if (approverRoots(statements) < obligation.count) {
      problems.push(`${approverRoots(statements)} of ${obligation.count} people approved.`);
    }
  }
  findings.judge('approvals.obligations', bundlePaths.approvals, problems);
}

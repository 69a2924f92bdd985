import type { ApprovalStatement, BundleValidation, Obligation } from '@countersign/protocol';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { canonicalJson } from '../canonical/canonical.ts';
import type { VerdictsByDigest } from './check-validation.ts';
import type { FindingList } from './finding-list.ts';

/**
 * What had to be met. The verdict at run start is `allow` when the approvals were already counted; what was demanded
 * then stands in the verdicts they were signed under: all those of the policy set in force at run start, or, when policy
 * changed after the last approval, that of the last one.
 */
function demanded(
  validation: BundleValidation,
  verdicts: VerdictsByDigest,
  statements: readonly ApprovalStatement[],
): readonly Obligation[] {
  const oldestFirst = [...statements].sort((left, right) => left.issued_at - right.issued_at);
  const signed = oldestFirst.flatMap((statement) => verdicts.get(statement.verdict_digest) ?? []);
  const current = signed.filter((verdict) => verdict.policy_set === validation.verdict.policy_set);
  const shown = current.length > 0 ? current : signed.slice(-1);
  const inForce = validation.verdict.decision === 'allow' ? shown : [validation.verdict, ...current];
  const distinct = new Map(
    inForce.flatMap(({ obligations }) => obligations).map((each) => [canonicalJson(each), each]),
  );
  return [...distinct.values()];
}

function approverRoots(statements: readonly ApprovalStatement[]): number {
  return new Set(statements.filter(({ kind }) => kind === 'approve').map((each) => each.approver_root)).size;
}

/** An approval by the requester's own root, which only `solo` lets hold, says at least as much as its confirmation. */
function confirms({ kind, approver_root: approver, requester_root: requester }: ApprovalStatement): boolean {
  return kind === 'confirm' || (kind === 'approve' && approver === requester);
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
      if (!statements.some(confirms)) problems.push('The requester did not confirm.');
    } else if (approverRoots(statements) < obligation.count) {
      problems.push(`${approverRoots(statements)} of ${obligation.count} people approved.`);
    }
  }
  findings.judge('approvals.obligations', bundlePaths.approvals, problems);
}

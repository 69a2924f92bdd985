import {
  type ApprovalStatement,
  type BundleValidation,
  dealApprovers,
  isSteppedUp,
  type Obligation,
} from '@countersign/protocol';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { canonicalJson } from '../canonical/canonical.ts';
import type { CheckedBreakGlass } from './check-break-glass.ts';
import type { VerdictsByDigest } from './check-validation.ts';
import type { FindingList } from './finding-list.ts';

/**
 * What had to be met: what the bundle says was demanded before any decision was counted. One from before that was kept leaves
 * it to be found from its verdicts. The verdict at run start is `allow` when the approvals were already counted; what was demanded
 * then stands in the verdicts they were signed under: all those of the policy set in force at run start, or, when policy
 * changed after the last approval, that of the last one.
 */
function demanded(
  validation: BundleValidation,
  verdicts: VerdictsByDigest,
  statements: readonly ApprovalStatement[],
): readonly Obligation[] {
  if (validation.demanded !== undefined) return validation.demanded;
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

/** Those of each group that approved, each person for one group at most, held against what each group had to give. */
function groupProblems(obligations: readonly Obligation[], statements: readonly ApprovalStatement[]): string[] {
  const demand = new Map<string, number>();
  for (const one of obligations) {
    if (one.kind === 'approve' && one.group !== undefined)
      demand.set(one.group, Math.max(one.count, demand.get(one.group) ?? 0));
  }
  const approvers = statements
    .filter(({ kind }) => kind === 'approve')
    .map(({ approver_root: root, approver_groups: groups }) => ({ root, groups: groups ?? [] }));
  return [...dealApprovers(demand, approvers)]
    .filter(([group, count]) => count < (demand.get(group) ?? 0))
    .map(([group, count]) => `${count} of ${demand.get(group)} people of group ${group} approved.`);
}

/**
 * Checks that approvals which hold meet the obligations. `statements` are only those; a root counts once. Broken glass that
 * holds stands in for others' approval and for nothing else; one that does not hold is a problem by itself.
 */
export function checkObligations(
  validation: BundleValidation,
  verdicts: VerdictsByDigest,
  statements: readonly ApprovalStatement[],
  broken: CheckedBreakGlass,
  findings: FindingList,
): void {
  const { word } = broken;
  const wanted = demanded(validation, verdicts, statements).filter(({ kind }) => word === null || kind !== 'approve');
  const stepUp = wanted.some(({ kind }) => kind === 'step_up');
  // Where a step-up was demanded, only decisions count that were signed right after one.
  const counted = stepUp ? statements.filter(isSteppedUp) : statements;
  const problems = [...broken.problems, ...groupProblems(wanted, counted)];
  if (stepUp && !counted.some(({ kind }) => kind !== 'reject')) {
    problems.push('Nobody decided right after a fresh proof of who they are.');
  }
  for (const obligation of wanted) {
    if (obligation.kind === 'confirm' && !counted.some(confirms)) problems.push('The requester did not confirm.');
    if (obligation.kind !== 'approve' || obligation.group !== undefined) continue;
    const approved = approverRoots(counted);
    if (approved < obligation.count) problems.push(`${approved} of ${obligation.count} people approved.`);
  }
  if (word !== null && problems.length === 0) {
    const told = `${word.principal} broke the glass: ${word.reason}`;
    findings.add('approvals.obligations', 'pass', bundlePaths.approvals, `Without others' approval, because ${told}`);
    return;
  }
  findings.judge('approvals.obligations', bundlePaths.approvals, problems);
}

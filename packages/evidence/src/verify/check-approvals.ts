import type { ApprovalStatement, BundleApprovals, BundleManifest, BundleRun, TrustRoot } from '@countersign/protocol';
import { verifyApproval } from '../approval/sign-approval.ts';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { canonicalJson } from '../canonical/canonical.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import type { VerdictsByDigest } from './check-validation.ts';
import type { FindingList } from './finding-list.ts';

/** What approvals are compared with; null where that file could not be read. */
export interface ApprovalContext {
  readonly manifest: BundleManifest | null;
  readonly run: BundleRun | null;
  readonly verdicts: VerdictsByDigest | null;
  /** Whether people may approve their own requests. */
  readonly solo: boolean;
}

const file = bundlePaths.approvals;

function bindingProblems(statement: ApprovalStatement, context: ApprovalContext): string[] {
  const { manifest, run, verdicts } = context;
  const problems: string[] = [];
  if (manifest !== null) {
    if (statement.op_id !== manifest.op_id) problems.push(`It is for operation ${statement.op_id}.`);
    if (statement.bundle_id !== manifest.bundle_id) problems.push(`It is for bundle ${statement.bundle_id}.`);
    if (statement.plan_digest !== manifest.plan_digest) problems.push(`It is for plan ${statement.plan_digest}.`);
  }
  if (run !== null && statement.requester_root !== run.requester.root) {
    problems.push(`It is for a request of ${statement.requester_root}.`);
  }
  if (verdicts !== null && !verdicts.has(statement.verdict_digest)) {
    problems.push(`It is for a verdict that is not here, ${statement.verdict_digest}.`);
  }
  return problems;
}

function timeProblems(statement: ApprovalStatement, run: BundleRun): string[] {
  const problems: string[] = [];
  if (run.created_at > statement.expires_at) problems.push('It had expired when the run was created.');
  if (run.created_at < statement.issued_at) problems.push('It was given after the run was created.');
  return problems;
}

function personProblems(statement: ApprovalStatement, context: ApprovalContext): string[] {
  const own = statement.approver_root === statement.requester_root;
  if (statement.kind === 'reject') return [`${statement.approver} rejected the operation.`];
  if (statement.kind === 'confirm' && !own) {
    return [`${statement.approver} confirmed what somebody else requested.`];
  }
  if (statement.kind === 'approve' && own && !context.solo) {
    return [`${statement.approver} approved their own request.`];
  }
  return [];
}

/** Checks every approval; answers the statements that hold in every respect. */
export async function checkApprovals(
  approvals: BundleApprovals,
  context: ApprovalContext,
  trust: TrustRoot,
  crypto: VerifyCrypto,
  findings: FindingList,
): Promise<ApprovalStatement[]> {
  const holding: ApprovalStatement[] = [];
  for (const { statement, envelope } of approvals.approvals) {
    const signed = await verifyApproval(envelope, statement.op_id, trust, crypto);
    const same = signed.ok && canonicalJson(signed.value) === canonicalJson(statement);
    const problem = signed.ok ? 'The signed statement is another one.' : signed.reason;
    const binding = bindingProblems(statement, context);
    const time = context.run === null ? [] : timeProblems(statement, context.run);
    const person = personProblems(statement, context);
    findings.judge('approval.signature', file, same ? [] : [problem]);
    findings.judge('approval.binding', file, binding);
    findings.judge('approval.time', file, time);
    findings.judge('approval.person', file, person);
    if (same && binding.length + time.length + person.length === 0) holding.push(statement);
  }
  return holding;
}

import type { BundleValidation, PlanBody, Verdict } from '@countersign/protocol';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { canonicalJson } from '../canonical/canonical.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { verdictDigestAsync } from '../digest/digest.ts';
import type { FindingList } from './finding-list.ts';

/** Verdicts by digest: the one the run started under, and those that approvals were signed under. */
export type VerdictsByDigest = ReadonlyMap<string, Verdict>;

/** Compares checks and preconditions with the plan's. */
export function checkValidation(validation: BundleValidation, plan: PlanBody | null, findings: FindingList): void {
  if (plan === null) return;
  const problems: string[] = [];
  if (canonicalJson(validation.checks) !== canonicalJson(plan.checks)) problems.push("The checks are not the plan's.");
  if (canonicalJson(validation.preconditions) !== canonicalJson(plan.preconditions)) {
    problems.push("The preconditions are not the plan's.");
  }
  for (const check of validation.checks) {
    if (check.status === 'fail' && check.severity === 'error') problems.push(`Check ${check.id} forbids a run.`);
  }
  findings.judge('validation.checks', bundlePaths.validation, problems);
}

/** Computes every verdict's digest and compares the one that is named. */
export async function checkVerdicts(
  validation: BundleValidation,
  crypto: VerifyCrypto,
  findings: FindingList,
): Promise<VerdictsByDigest> {
  const digest = await verdictDigestAsync(validation.verdict, crypto.sha256);
  const verdicts = new Map([[digest, validation.verdict]]);
  const problems: string[] = [];
  if (digest !== validation.verdict_digest) problems.push(`It is ${digest}, named is ${validation.verdict_digest}.`);
  if (validation.verdict.decision === 'deny') problems.push('Policy denied the run.');
  let previous = '';
  for (const verdict of validation.signed_verdicts) {
    const signed = await verdictDigestAsync(verdict, crypto.sha256);
    if (signed <= previous || signed === digest) problems.push('The signed verdicts are not sorted, each once.');
    previous = signed;
    verdicts.set(signed, verdict);
  }
  findings.judge('validation.verdict', bundlePaths.validation, problems);
  return verdicts;
}

import type { BundleManifest, BundleStatement, TrustRoot, VerifyReport } from '@countersign/protocol';
import type { BundleFiles } from '../bundle/bundle-input.ts';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { predicateOf } from '../bundle/predicate.ts';
import { canonicalJson } from '../canonical/canonical.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { checkAnchor, type LogWitness } from './check-anchor.ts';
import { checkApprovals } from './check-approvals.ts';
import { checkBreakGlass } from './check-break-glass.ts';
import { checkFiles } from './check-files.ts';
import { checkObligations } from './check-obligations.ts';
import { checkPlan } from './check-plan.ts';
import { checkRun } from './check-run.ts';
import { checkManifest, checkStatement } from './check-statement.ts';
import { checkValidation, checkVerdicts } from './check-validation.ts';
import { type FindingList, findingList } from './finding-list.ts';
import { type ReadContent, readContent } from './read-content.ts';

export type { LogWitness };

function checkPredicate(
  statement: BundleStatement,
  manifest: BundleManifest | null,
  content: ReadContent,
  findings: FindingList,
): void {
  const { plan, validation, approvals, run } = content;
  const file = bundlePaths.statement;
  if (manifest === null || plan === null || validation === null || approvals === null || run === null) {
    findings.add('statement.predicate', 'unknown', file, 'A file that it speaks of cannot be read.');
    return;
  }
  const expected = predicateOf({ manifest, plan, validation, approvals, run });
  const same = canonicalJson(expected) === canonicalJson(statement.predicate);
  findings.judge('statement.predicate', file, same ? [] : ['It says something else than the files.']);
}

/**
 * Verifies a bundle offline: signatures, hashes, the plan's digest and rendering, approvals against policy's demands,
 * the run against the plan, and the sealing's place in the audit log.
 *
 * Answers findings with permanent ids (`findingIds`), each naming its file; the report's state is the worst of them:
 * `error` (something cannot be read), `fail`, `unknown` (sealed but not anchored yet), `pass`. Whatever the files hold,
 * the answer is a report; only a `crypto` or `witness` that breaks makes it throw.
 *
 * @param trust checked by `verifyTrust` before.
 * @param witness asks the log, where a bundle's own proof is signed only by a key that was retired since; without it such
 *   a bundle is `unknown`.
 */
export async function verifyBundle(
  files: BundleFiles,
  trust: TrustRoot,
  crypto: VerifyCrypto,
  witness: LogWitness | null = null,
): Promise<VerifyReport> {
  const findings = findingList();
  const { statement, keyids } = await checkStatement(files, trust, crypto, findings);
  const manifest = await checkManifest(files, statement, trust, crypto, findings);
  await checkFiles(files, manifest, crypto, findings);
  const content = readContent(files, findings);
  const { plan, validation, approvals, run } = content;
  if (plan !== null) await checkPlan(files, plan, manifest, crypto, findings);
  if (validation !== null) checkValidation(validation, plan, findings);
  const judged =
    validation === null ? null : { validation, verdicts: await checkVerdicts(validation, crypto, findings) };
  if (approvals !== null) {
    const solo = validation?.verdict.profile === 'solo';
    const context = { manifest, run, verdicts: judged?.verdicts ?? null, solo };
    const holding = await checkApprovals(approvals, context, trust, crypto, findings);
    if (judged !== null) {
      const broken = await checkBreakGlass(judged.validation, { manifest, run }, trust, crypto);
      checkObligations(judged.validation, judged.verdicts, holding, broken, findings);
    }
  }
  if (run !== null) checkRun(run, plan, manifest, findings);
  if (statement !== null) checkPredicate(statement, manifest, content, findings);
  await checkAnchor(files, { manifest, keyids, trust, witness }, crypto, findings);
  return findings.report();
}

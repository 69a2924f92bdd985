import type { BundleManifest, PlanBody } from '@countersign/protocol';
import { diffFiles } from '../bundle/build-bundle.ts';
import type { BundleFiles } from '../bundle/bundle-input.ts';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { equalBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { planDigestAsync } from '../digest/digest.ts';
import { renderPlan } from '../render/render-plan.ts';
import type { FindingList } from './finding-list.ts';

function checkDiffs(files: BundleFiles, plan: PlanBody, findings: FindingList): void {
  const expected = diffFiles(plan.diffs);
  for (const [path, patch] of expected) {
    const bytes = files.get(path);
    const same = bytes !== undefined && equalBytes(bytes, patch);
    findings.judge('plan.diffs', path, same ? [] : ['Not the patch that the plan holds.']);
  }
  for (const path of files.keys()) {
    if (path.startsWith('diffs/') && !expected.has(path)) {
      findings.add('plan.diffs', 'fail', path, 'The plan has no such diff.');
    }
  }
}

function stepProblems(plan: PlanBody): string[] {
  const problems: string[] = [];
  plan.steps.forEach((step, position) => {
    if (step.index !== position) problems.push(`Step ${position} carries the index ${step.index}.`);
    if (!plan.diffs.some((diff) => diff.step === position)) problems.push(`Step ${position} shows no change.`);
  });
  for (const diff of plan.diffs) {
    if (diff.step >= plan.steps.length) problems.push(`A diff belongs to step ${diff.step}, which does not exist.`);
  }
  return problems;
}

/** Checks the plan against its digest, its rendering and its patch files. */
export async function checkPlan(
  files: BundleFiles,
  plan: PlanBody,
  manifest: BundleManifest | null,
  crypto: VerifyCrypto,
  findings: FindingList,
): Promise<void> {
  if (manifest !== null) {
    const digest = await planDigestAsync(plan, crypto.sha256);
    const same = digest === manifest.plan_digest;
    findings.judge('plan.digest', bundlePaths.plan, same ? [] : [`It is ${digest}, named is ${manifest.plan_digest}.`]);
  }
  const text = files.get(bundlePaths.planText);
  const rendered = text !== undefined && equalBytes(text, utf8(renderPlan(plan)));
  findings.judge('plan.text', bundlePaths.planText, rendered ? [] : ['It does not show the plan in plan.json.']);
  checkDiffs(files, plan, findings);
  findings.judge('plan.steps', bundlePaths.plan, stepProblems(plan));
}

import type {
  BundleApprovals,
  BundleManifest,
  BundlePredicate,
  BundleRun,
  BundleValidation,
  PlanBody,
} from '@countersign/protocol';
import { comparePaths } from './bundle-paths.ts';

/** The parsed JSON files of a bundle. */
export interface BundleContent {
  readonly manifest: BundleManifest;
  readonly plan: PlanBody;
  readonly validation: BundleValidation;
  readonly approvals: BundleApprovals;
  readonly run: BundleRun;
}

/** What the signed statement says of a bundle: wholly derived from its files, so that a verifier can derive it again. */
export function predicateOf(content: BundleContent): BundlePredicate {
  const { manifest, plan, validation, approvals, run } = content;
  const { project, environment, name } = plan.target;
  const approvers = new Set(approvals.approvals.map(({ statement }) => statement.approver));
  return {
    bundle_id: manifest.bundle_id,
    op_id: manifest.op_id,
    plan_digest: manifest.plan_digest,
    target: `${project}/${environment}/${name}`,
    outcome: run.state,
    profile: validation.verdict.profile,
    approvers: [...approvers].sort(comparePaths),
    ended_at: run.ended_at,
  };
}

import { BundleApprovals, BundleRun, BundleValidation, PlanBody } from '@countersign/protocol';
import type { BundleFiles } from '../bundle/bundle-input.ts';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { parseCanonical, type Schema } from '../canonical/parse-canonical.ts';
import type { FindingId } from './finding-ids.ts';
import type { FindingList } from './finding-list.ts';

/** The JSON files that could be read; null where a file is missing or not of its form. */
export interface ReadContent {
  readonly plan: PlanBody | null;
  readonly validation: BundleValidation | null;
  readonly approvals: BundleApprovals | null;
  readonly run: BundleRun | null;
}

/** Reads the JSON files of a bundle. What cannot be read is an `error`: nothing about it can be judged. */
export function readContent(files: BundleFiles, findings: FindingList): ReadContent {
  function read<T>(id: FindingId, path: string, schema: Schema<T>): T | null {
    const bytes = files.get(path);
    if (bytes === undefined) {
      findings.add(id, 'fail', path, 'The file is missing.');
      return null;
    }
    const parsed = parseCanonical(bytes, schema);
    findings.add(id, parsed.ok ? 'pass' : 'error', path, parsed.ok ? '' : parsed.reason);
    return parsed.ok ? parsed.value : null;
  }
  return {
    plan: read('plan.form', bundlePaths.plan, PlanBody),
    validation: read('validation.form', bundlePaths.validation, BundleValidation),
    approvals: read('approvals.form', bundlePaths.approvals, BundleApprovals),
    run: read('run.form', bundlePaths.run, BundleRun),
  };
}

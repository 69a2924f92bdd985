import { BundleManifest, BundleRun, PlanBody, type ReplayRecord, uuidOfRunId } from '@countersign/protocol';
import type { BundleFiles } from '../bundle/bundle-input.ts';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { parseCanonical, type Schema } from '../canonical/parse-canonical.ts';

function parsed<T>(files: BundleFiles, path: string, schema: Schema<T>): T | null {
  // No bytes are no JSON either.
  const found = parseCanonical(files.get(path) ?? new Uint8Array(), schema);
  return found.ok ? found.value : null;
}

/** All that a replay works from, out of a bundle's files alone; null where one is missing or not of its form. */
export function replayRecordOf(files: BundleFiles): ReplayRecord | null {
  const manifest = parsed(files, bundlePaths.manifest, BundleManifest);
  const plan = parsed(files, bundlePaths.plan, PlanBody);
  const run = parsed(files, bundlePaths.run, BundleRun);
  if (manifest === null || plan === null || run === null) return null;
  const runId = uuidOfRunId(run.run_id) ?? run.run_id;
  return {
    plan,
    plan_digest: manifest.plan_digest,
    steps: run.steps.map(({ index, state, before, after }) => {
      return { index, state, idempotency_key: `${runId}.${index}`, before, after };
    }),
  };
}

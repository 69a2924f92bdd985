import { bundlePaths, parseCanonical, type Schema, verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import type { EvidenceFile, Reads } from '@countersign/kernel';
import {
  BundleManifest,
  BundleRun,
  PlanBody,
  type ReplayRecord,
  uuidOfRunId,
  type VerifyReport,
} from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { readTrust } from '../key/read-trust.ts';

function parsed<T>(files: readonly EvidenceFile[], path: string, schema: Schema<T>): T | null {
  const file = files.find((known) => known.path === path);
  const found = file === undefined ? null : parseCanonical(file.content, schema);
  return found?.ok === true ? found.value : null;
}

/** What a sealed bundle records, from its files alone; null where one cannot be read. */
export function recordOfFiles(files: readonly EvidenceFile[]): ReplayRecord | null {
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

/** What a bundle records, as the database has it. */
export async function bundleRecord(reads: Pick<Reads, 'evidence'>, bundleId: string): Promise<ReplayRecord | null> {
  return recordOfFiles(await reads.evidence.files(bundleId));
}

/** Verifies a bundle with the installation's own keys: signatures, hashes, and the digest derived from the plan. */
export async function verifyFiles(context: EngineContext, files: readonly EvidenceFile[]): Promise<VerifyReport> {
  const trust = await context.store.read((reads) => readTrust(reads, context.settings.installation));
  return await verifyBundle(new Map(files.map(({ path, content }) => [path, content])), trust, nodeVerifyCrypto);
}

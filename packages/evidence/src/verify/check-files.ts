import type { BundleManifest } from '@countersign/protocol';
import type { BundleFiles } from '../bundle/bundle-input.ts';
import { bundlePaths, unlistedPaths } from '../bundle/bundle-paths.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { fileDigestAsync } from '../digest/digest.ts';
import type { FindingList } from './finding-list.ts';

const required: readonly string[] = [
  bundlePaths.planText,
  bundlePaths.plan,
  bundlePaths.validation,
  bundlePaths.approvals,
  bundlePaths.run,
  bundlePaths.log,
];

async function fileProblem(
  listed: BundleManifest['files'][number],
  files: BundleFiles,
  crypto: VerifyCrypto,
): Promise<string | null> {
  const bytes = files.get(listed.path);
  if (bytes === undefined) return 'The file is missing.';
  if (bytes.length !== listed.size_bytes) {
    return `The file has changed: ${bytes.length} bytes, listed with ${listed.size_bytes}.`;
  }
  const digest = await fileDigestAsync(bytes, crypto.sha256);
  return digest === listed.sha256 ? null : `The file has changed: ${digest}, listed with ${listed.sha256}.`;
}

/** Compares every file with the manifest: changed, missing and added files are each named. */
export async function checkFiles(
  files: BundleFiles,
  manifest: BundleManifest | null,
  crypto: VerifyCrypto,
  findings: FindingList,
): Promise<void> {
  if (manifest === null) {
    for (const path of files.keys()) {
      if (!unlistedPaths.includes(path))
        findings.add('manifest.file', 'unknown', path, 'There is no readable manifest.');
    }
    return;
  }
  const listed = new Set(manifest.files.map(({ path }) => path));
  for (const entry of manifest.files) {
    const problem = await fileProblem(entry, files, crypto);
    findings.judge('manifest.file', entry.path, problem === null ? [] : [problem]);
  }
  for (const path of files.keys()) {
    if (!listed.has(path) && !unlistedPaths.includes(path)) {
      findings.add('manifest.file', 'fail', path, 'The file was added: the manifest does not list it.');
    }
  }
  const unknown = [...listed].filter((path) => !required.includes(path) && !path.startsWith('diffs/'));
  findings.judge('manifest.listed', bundlePaths.manifest, [
    ...required.filter((path) => !listed.has(path)).map((path) => `${path} is not listed.`),
    ...unknown.map((path) => `${path} does not belong into a bundle.`),
  ]);
}

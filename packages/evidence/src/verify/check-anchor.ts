import { AuditBody, type BundleManifest, type TrustRoot } from '@countersign/protocol';
import type { BundleFiles } from '../bundle/bundle-input.ts';
import { bundlePaths } from '../bundle/bundle-paths.ts';
import { fromUtf8 } from '../bytes/utf8.ts';
import { parseCanonical } from '../canonical/parse-canonical.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import { parseTlogProof } from '../checkpoint/tlog-proof.ts';
import { verifyCheckpoint } from '../checkpoint/verify-checkpoint.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { fileDigestAsync } from '../digest/digest.ts';
import { leafHashAsync } from '../merkle/hash.ts';
import { type InclusionClaim, verifyInclusion } from '../merkle/verify-proof.ts';
import type { FindingList } from './finding-list.ts';

const { proof: proofFile, auditEntry: entryFile } = bundlePaths;

async function entryProblems(
  entry: Uint8Array,
  files: BundleFiles,
  manifest: BundleManifest | null,
  crypto: VerifyCrypto,
): Promise<string[]> {
  const parsed = parseCanonical(entry, AuditBody);
  if (!parsed.ok) return [parsed.reason];
  const { event, detail } = parsed.value;
  const problems: string[] = [];
  if (event !== 'evidence.sealed') problems.push(`It tells of ${event}.`);
  const bytes = files.get(bundlePaths.manifest);
  if (bytes !== undefined && detail['manifest_sha256'] !== (await fileDigestAsync(bytes, crypto.sha256))) {
    problems.push('It names another manifest.');
  }
  if (manifest !== null && detail['bundle_id'] !== manifest.bundle_id) problems.push('It names another bundle.');
  return problems;
}

async function openProof(
  bytes: Uint8Array,
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<Checked<Omit<InclusionClaim, 'leafHash'>>> {
  const text = fromUtf8(bytes);
  const parsed = text === null ? invalid('not UTF-8') : parseTlogProof(text);
  if (!parsed.ok) return parsed;
  if (parsed.value.extra !== null) return invalid('it carries extra data, which nobody vouches for');
  const checkpoint = await verifyCheckpoint(parsed.value.checkpoint, trust, crypto);
  if (!checkpoint.ok) return checkpoint;
  if (checkpoint.value.unknownSignatures > 0) return invalid('a key that is not trusted signed the checkpoint too');
  const { size, root } = checkpoint.value;
  return valid({ index: parsed.value.index, size, root, proof: parsed.value.hashes });
}

/** Checks that the sealing is in the audit log. Without both files the bundle is sealed but not anchored yet. */
export async function checkAnchor(
  files: BundleFiles,
  manifest: BundleManifest | null,
  trust: TrustRoot,
  crypto: VerifyCrypto,
  findings: FindingList,
): Promise<void> {
  const entry = files.get(entryFile);
  const proof = files.get(proofFile);
  if (entry === undefined && proof === undefined) {
    findings.add('anchor.present', 'unknown', proofFile, 'Sealed, but not anchored in the audit log yet.');
    return;
  }
  findings.judge('anchor.present', entryFile, entry === undefined ? ['The file is missing.'] : []);
  findings.judge('anchor.present', proofFile, proof === undefined ? ['The file is missing.'] : []);
  if (entry !== undefined)
    findings.judge('anchor.entry', entryFile, await entryProblems(entry, files, manifest, crypto));
  const opened = proof === undefined ? null : await openProof(proof, trust, crypto);
  if (opened !== null) findings.judge('anchor.checkpoint', proofFile, opened.ok ? [] : [opened.reason]);
  if (entry === undefined || opened === null || !opened.ok) return;
  const leafHash = await leafHashAsync(entry, crypto.sha256);
  const included = await verifyInclusion({ ...opened.value, leafHash }, crypto.sha256);
  // Proof and entry fit each other or not; which of the two was changed cannot be told, so both are named.
  const problem = included ? [] : ['Entry and proof do not fit each other: one of the two was changed.'];
  findings.judge('anchor.inclusion', entryFile, problem);
  findings.judge('anchor.inclusion', proofFile, problem);
}

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
import { signsLeaf } from '../trust/key-window.ts';
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

/** A proof whose checkpoint a trusted key signed; `inForce` says whether that key still counts. */
interface OpenedProof {
  readonly claim: Omit<InclusionClaim, 'leafHash'>;
  readonly inForce: boolean;
}

async function openProof(bytes: Uint8Array, trust: TrustRoot, crypto: VerifyCrypto): Promise<Checked<OpenedProof>> {
  const text = fromUtf8(bytes);
  const parsed = text === null ? invalid('not UTF-8') : parseTlogProof(text);
  if (!parsed.ok) return parsed;
  if (parsed.value.extra !== null) return invalid('it carries extra data, which nobody vouches for');
  const checkpoint = await verifyCheckpoint(parsed.value.checkpoint, trust, crypto);
  if (!checkpoint.ok) return checkpoint;
  if (checkpoint.value.unknownSignatures > 0) return invalid('a key that is not trusted signed the checkpoint too');
  const { size, root, inForce } = checkpoint.value;
  return valid({ claim: { index: parsed.value.index, size, root, proof: parsed.value.hashes }, inForce });
}

/**
 * Asks the log itself whether it had this root at this size: a consistency proof to a head that a key in force signed, or
 * the root computed again from its entries.
 */
export type LogWitness = (size: number, root: Uint8Array) => Promise<Checked<null>>;

/** Whoever holds a retired key can sign any tree of an earlier size, so that alone is no proof any more. */
async function checkCurrent(
  { claim, inForce }: OpenedProof,
  witness: LogWitness | null,
  findings: FindingList,
): Promise<void> {
  if (inForce) return findings.add('anchor.current', 'pass', proofFile, '');
  if (witness === null) {
    const retired = 'Only a key signed it that was retired since: whoever holds that key could have made it.';
    const next = 'Fetch the bundle again, or verify it against the log (--server URL or --log FILE).';
    return findings.add('anchor.current', 'unknown', proofFile, `${retired} ${next}`);
  }
  const answer = await witness(claim.size, claim.root);
  findings.judge('anchor.current', proofFile, answer.ok ? [] : [answer.reason]);
}

function keyProblems(keyids: readonly string[], index: number, trust: TrustRoot): string[] {
  const late = trust.keys.filter((key) => keyids.includes(key.keyid) && !signsLeaf(key, index));
  return late.map(({ keyid }) => `${keyid} was not in force at leaf ${index}.`);
}

/** What is known of a bundle when its place in the log is checked. */
export interface AnchorContext {
  readonly manifest: BundleManifest | null;
  /** The keys that signed the bundle's statement. */
  readonly keyids: readonly string[];
  readonly trust: TrustRoot;
  readonly witness: LogWitness | null;
}

/** Checks that the sealing is in the audit log. Without both files the bundle is sealed but not anchored yet. */
export async function checkAnchor(
  files: BundleFiles,
  { manifest, keyids, trust, witness }: AnchorContext,
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
  await checkCurrent(opened.value, witness, findings);
  const { claim } = opened.value;
  findings.judge('anchor.key', bundlePaths.statement, keyProblems(keyids, claim.index, trust));
  const leafHash = await leafHashAsync(entry, crypto.sha256);
  const included = await verifyInclusion({ ...claim, leafHash }, crypto.sha256);
  // Proof and entry fit each other or not; which of the two was changed cannot be told, so both are named.
  const problem = included ? [] : ['Entry and proof do not fit each other: one of the two was changed.'];
  findings.judge('anchor.inclusion', entryFile, problem);
  findings.judge('anchor.inclusion', proofFile, problem);
}

import {
  type AuditBody,
  BundleApprovals,
  BundleManifest,
  BundleRun,
  type BundleStatement,
  BundleValidation,
  bundlePredicateType,
  PlanBody,
} from '@countersign/protocol';
import { utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { parseCanonical, type Schema } from '../canonical/parse-canonical.ts';
import type { Sha256, Signer } from '../crypto/ports.ts';
import { fileDigest } from '../digest/digest.ts';
import { signEnvelope } from '../dsse/envelope.ts';
import type { BundleFiles } from './bundle-input.ts';
import { bundlePaths } from './bundle-paths.ts';
import { predicateOf } from './predicate.ts';

/** DSSE payload type of an in-toto statement. */
export const statementPayloadType = 'application/vnd.in-toto+json';

/** What the audit entry `evidence.sealed` says of the bundle, in its `detail`. */
export interface SealingDetail {
  readonly bundle_id: string;
  readonly manifest_sha256: string;
  readonly plan_digest: string;
}

/** A signed bundle: all files so far, and the detail that its audit entry must carry. */
export interface SealedBundle {
  readonly files: Map<string, Uint8Array>;
  readonly auditDetail: SealingDetail;
}

function readFile<T>(files: BundleFiles, path: string, schema: Schema<T>): T {
  const bytes = files.get(path);
  if (bytes === undefined) throw new TypeError(`the bundle has no ${path}`);
  const parsed = parseCanonical(bytes, schema);
  if (!parsed.ok) throw new TypeError(`${path} is ${parsed.reason}`);
  return parsed.value;
}

/**
 * Signs a built bundle: adds `statement.dsse.json`, an in-toto Statement v1 about `manifest.json`.
 *
 * Sealing again gives the same bytes. The caller writes the audit entry `evidence.sealed` with `auditDetail` in the
 * unit that records the sealing.
 *
 * @throws TypeError when the files are not those of `buildBundle`.
 */
export function sealBundle(files: BundleFiles, signer: Signer, sha256: Sha256): SealedBundle {
  const manifest = readFile(files, bundlePaths.manifest, BundleManifest);
  const manifestDigest = fileDigest(canonicalBytes(manifest), sha256);
  const statement: BundleStatement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: bundlePaths.manifest, digest: { sha256: manifestDigest.slice('sha256:'.length) } }],
    predicateType: bundlePredicateType,
    predicate: predicateOf({
      manifest,
      plan: readFile(files, bundlePaths.plan, PlanBody),
      validation: readFile(files, bundlePaths.validation, BundleValidation),
      approvals: readFile(files, bundlePaths.approvals, BundleApprovals),
      run: readFile(files, bundlePaths.run, BundleRun),
    }),
  };
  const envelope = signEnvelope(statementPayloadType, canonicalBytes(statement), signer);
  return {
    files: new Map([...files, [bundlePaths.statement, canonicalBytes(envelope)]]),
    auditDetail: {
      bundle_id: manifest.bundle_id,
      manifest_sha256: manifestDigest,
      plan_digest: manifest.plan_digest,
    },
  };
}

/**
 * Adds the proof that the sealing is in the audit log: `audit-entry.json`, whose bytes are the leaf, and `tlog-proof`.
 *
 * @param proof text from `formatTlogProof`, without `extra`.
 * @throws TypeError when the entry cannot be written as canonical JSON.
 */
export function anchorBundle(files: BundleFiles, auditEntry: AuditBody, proof: string): Map<string, Uint8Array> {
  return new Map([...files, [bundlePaths.auditEntry, canonicalBytes(auditEntry)], [bundlePaths.proof, utf8(proof)]]);
}

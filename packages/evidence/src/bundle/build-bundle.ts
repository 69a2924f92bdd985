import { BundleManifest, type BundleValidation, type Diff } from '@countersign/protocol';
import { utf8 } from '../bytes/utf8.ts';
import { canonicalBytes, canonicalJson } from '../canonical/canonical.ts';
import type { Sha256 } from '../crypto/ports.ts';
import { fileDigest, planDigest, verdictDigest } from '../digest/digest.ts';
import { renderPlan } from '../render/render-plan.ts';
import type { BundleFiles, BundleInput, SignedApproval } from './bundle-input.ts';
import { bundlePaths, comparePaths, diffPath } from './bundle-paths.ts';

function sortKey({ statement, envelope }: SignedApproval): string {
  return `${String(statement.issued_at).padStart(16, '0')} ${canonicalJson({ statement, envelope })}`;
}

function validationOf(input: BundleInput, sha256: Sha256): BundleValidation {
  const verdict_digest = verdictDigest(input.verdict, sha256);
  const others = input.signedVerdicts.map((verdict) => ({ verdict, digest: verdictDigest(verdict, sha256) }));
  const distinct = new Map(others.map(({ verdict, digest }) => [digest, verdict]));
  distinct.delete(verdict_digest);
  return {
    schema: 'countersign.validation.v1',
    checks: input.plan.checks,
    preconditions: input.plan.preconditions,
    verdict: input.verdict,
    verdict_digest,
    signed_verdicts: [...distinct].sort(([left], [right]) => comparePaths(left, right)).map(([, verdict]) => verdict),
    ...(input.breakGlass === null ? {} : { break_glass: input.breakGlass }),
    ...(input.demanded === null ? {} : { demanded: [...input.demanded] }),
  };
}

/** The bytes of the files under `diffs/`, by path: each diff's exact patch. */
export function diffFiles(diffs: readonly Diff[]): Map<string, Uint8Array> {
  return new Map(diffs.map((diff, index) => [diffPath(diff, index), utf8(diff.patch)]));
}

/**
 * Builds a bundle's files up to and including `manifest.json`: a pure function of its input, byte for byte.
 *
 * JSON files are canonical (RFC 8785); `plan.json` is exactly what the plan digest covers.
 *
 * @throws TypeError when part of the input cannot be written as canonical JSON.
 */
export function buildBundle(input: BundleInput, sha256: Sha256): Map<string, Uint8Array> {
  const approvals = [...input.approvals]
    .sort((left, right) => comparePaths(sortKey(left), sortKey(right)))
    .map(({ statement, envelope }) => ({ statement, envelope }));
  const content: BundleFiles = new Map([
    [bundlePaths.planText, utf8(renderPlan(input.plan))],
    [bundlePaths.plan, canonicalBytes(input.plan)],
    ...diffFiles(input.plan.diffs),
    [bundlePaths.validation, canonicalBytes(validationOf(input, sha256))],
    [bundlePaths.approvals, canonicalBytes({ schema: 'countersign.approvals.v1', approvals })],
    [bundlePaths.run, canonicalBytes(input.run)],
    [bundlePaths.log, utf8(input.log.toWellFormed())],
  ]);
  const sorted = [...content].sort(([left], [right]) => comparePaths(left, right));
  const manifest = BundleManifest.parse({
    schema: 'countersign.bundle.v1',
    bundle_id: input.bundleId,
    op_id: input.opId,
    installation: input.installation,
    plan_digest: planDigest(input.plan, sha256),
    files: sorted.map(([path, bytes]) => ({ path, size_bytes: bytes.length, sha256: fileDigest(bytes, sha256) })),
  });
  return new Map([...sorted, [bundlePaths.manifest, canonicalBytes(manifest)]]);
}

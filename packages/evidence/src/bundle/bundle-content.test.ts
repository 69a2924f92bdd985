import { BundleApprovals, BundleRun, BundleStatement, BundleValidation, DsseEnvelope } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../bytes/base64.ts';
import { fromUtf8 } from '../bytes/utf8.ts';
import { canonicalJson } from '../canonical/canonical.ts';
import { parseCanonical, type Schema } from '../canonical/parse-canonical.ts';
import { fileDigest, planDigest, verdictDigest } from '../digest/digest.ts';
import { sampleAuditEntry } from '../fixture/sample-bundle.ts';
import { sampleInput, samplePlan, sampleStatement, sampleVerdict } from '../fixture/sample-input.ts';
import { testSigner } from '../fixture/test-signer.ts';
import { nodeSha256 } from '../node.ts';
import { buildBundle } from './build-bundle.ts';
import type { BundleFiles } from './bundle-input.ts';
import { anchorBundle, sealBundle, statementPayloadType } from './seal-bundle.ts';

function read<T>(files: BundleFiles, path: string, schema: Schema<T>): T {
  const parsed = parseCanonical(files.get(path) ?? new Uint8Array(), schema);
  if (!parsed.ok) throw new TypeError(`${path}: ${parsed.reason}`);
  return parsed.value;
}

describe('a built bundle', () => {
  const input = sampleInput();
  const files = buildBundle(input, nodeSha256);

  it('holds the approvals, the oldest first', () => {
    const statements = [1_000, 999, 1_001].map((issued_at) => ({ ...sampleStatement('approve'), issued_at }));
    const built = buildBundle(sampleInput({}, statements), nodeSha256);
    const { schema, approvals } = read(built, 'approvals.json', BundleApprovals);
    expect(schema).toBe('countersign.approvals.v1');
    expect(approvals.map(({ statement }) => statement.issued_at)).toEqual([999, 1_000, 1_001]);
    expect(read(files, 'approvals.json', BundleApprovals).approvals).toEqual(input.approvals);
  });

  it('orders approvals of one moment by what they say', () => {
    const statements = ['zoe', 'ada', 'mia'].map((approver) => ({
      ...sampleStatement('approve'),
      approver,
      issued_at: 5,
    }));
    const built = buildBundle(sampleInput({}, statements), nodeSha256);
    const { approvals } = read(built, 'approvals.json', BundleApprovals);
    expect(approvals).toHaveLength(3);
    const texts = approvals.map((approval) => canonicalJson(approval));
    expect(texts).toEqual([...texts].sort());
    expect(buildBundle(sampleInput({}, [...statements].reverse()), nodeSha256)).toEqual(built);
  });

  it('holds each other verdict that was signed, once', () => {
    const others = ['b', 'a', 'd', 'c'].map((reason) => ({ ...sampleVerdict, reason }));
    const signedVerdicts = [...others, sampleVerdict, ...others];
    const validation = read(
      buildBundle(sampleInput({ signedVerdicts }), nodeSha256),
      'validation.json',
      BundleValidation,
    );
    const digests = others.map((verdict) => verdictDigest(verdict, nodeSha256)).sort();
    expect(validation.signed_verdicts.map((verdict) => verdictDigest(verdict, nodeSha256))).toEqual(digests);
    expect(validation).toMatchObject({
      schema: 'countersign.validation.v1',
      checks: samplePlan.checks,
      preconditions: samplePlan.preconditions,
      verdict: sampleVerdict,
      verdict_digest: verdictDigest(sampleVerdict, nodeSha256),
    });
    expect(read(files, 'validation.json', BundleValidation).signed_verdicts).toEqual([]);
  });

  it('holds the run, the log and the patches as they were given', () => {
    expect(read(files, 'run.json', BundleRun)).toEqual(input.run);
    expect(fromUtf8(files.get('logs.txt') ?? new Uint8Array())).toBe(input.log);
    expect(fromUtf8(files.get('diffs/0001-index-html.patch') ?? new Uint8Array())).toBe(samplePlan.diffs[0]?.patch);
  });
});

describe('a sealed bundle', () => {
  const statements = ['zoe', 'ada', 'mia', 'ada'].map((approver, at) => ({
    ...sampleStatement('approve'),
    approver,
    issued_at: at,
  }));
  const input = sampleInput({}, statements);
  const files = buildBundle(input, nodeSha256);
  const sealed = sealBundle(files, testSigner(), nodeSha256);
  const manifestDigest = fileDigest(files.get('manifest.json') ?? new Uint8Array(), nodeSha256);

  it('adds a statement about the manifest, signed, and says the same for the audit log', () => {
    expect([...sealed.files.keys()]).toEqual([...files.keys(), 'statement.dsse.json']);
    const envelope = read(sealed.files, 'statement.dsse.json', DsseEnvelope);
    expect(envelope.payloadType).toBe('application/vnd.in-toto+json');
    expect(statementPayloadType).toBe('application/vnd.in-toto+json');
    expect(envelope.signatures.map(({ keyid }) => keyid)).toEqual([testSigner().keyid]);
    const payload = new Map([['payload', fromBase64(envelope.payload) ?? new Uint8Array()]]);
    expect(read(payload, 'payload', BundleStatement)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'manifest.json', digest: { sha256: manifestDigest.slice(7) } }],
      predicateType: 'https://countersign.dev/attestation/operation/v1',
      predicate: {
        bundle_id: input.bundleId,
        op_id: input.opId,
        plan_digest: planDigest(samplePlan, nodeSha256),
        target: 'web/live/site',
        outcome: 'succeeded',
        profile: 'standard',
        approvers: ['ada', 'mia', 'zoe'],
        ended_at: 1_764_000_031_000,
      },
    });
    expect(sealed.auditDetail).toEqual({
      bundle_id: input.bundleId,
      manifest_sha256: manifestDigest,
      plan_digest: planDigest(samplePlan, nodeSha256),
    });
  });

  it('is anchored by the entry of the audit log, byte for byte, and its proof', () => {
    const entry = sampleAuditEntry(sealed);
    const anchored = anchorBundle(sealed.files, entry, 'the proof');
    const text = (path: string) => fromUtf8(anchored.get(path) ?? new Uint8Array());
    expect([...anchored.keys()]).toEqual([...sealed.files.keys(), 'audit-entry.json', 'tlog-proof']);
    expect([...anchored].slice(0, -2)).toEqual([...sealed.files]);
    expect(text('audit-entry.json')).toBe(canonicalJson(entry));
    expect(text('tlog-proof')).toBe('the proof');
  });
});

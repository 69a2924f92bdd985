import { z } from 'zod';
import { Replay } from '../action/action.ts';
import { ApprovalStatement, Obligation, Verdict } from '../approval/approval.ts';
import { BreakGlassStatement } from '../approval/break-glass-statement.ts';
import { Check, Precondition } from '../plan/plan.ts';
import { Failure, RunState, StepView } from '../run/run.ts';
import { EpochMs, JsonObject, Sha256Digest, Uuid } from '../scalar/scalar.ts';

/** DSSE envelope (https://github.com/secure-systems-lab/dsse): payload and signatures in base64. */
export const DsseEnvelope = z.strictObject({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.string() })).min(1),
});
export type DsseEnvelope = z.infer<typeof DsseEnvelope>;

/** `validation.json`: every check, the verdict at run start, and the preconditions that were compared. */
export const BundleValidation = z.strictObject({
  schema: z.literal('countersign.validation.v1'),
  checks: z.array(Check),
  preconditions: z.array(Precondition),
  verdict: Verdict,
  verdict_digest: Sha256Digest,
  /** Other verdicts whose digest an approval carries, distinct, sorted by digest: policy may have changed since. */
  signed_verdicts: z.array(Verdict),
  /** Who ran it past freeze, window and others' approval, and why. Another person had to review it afterwards. */
  break_glass: z.strictObject({ statement: BreakGlassStatement, envelope: DsseEnvelope }).exactOptional(),
  /** What policy demanded at run start before any decision was counted. Bundles from before it was kept have none. */
  demanded: z.array(Obligation).exactOptional(),
});
export type BundleValidation = z.infer<typeof BundleValidation>;

/** `run.json`: what happened, step by step. */
export const BundleRun = z.strictObject({
  schema: z.literal('countersign.run.v1'),
  op_id: Uuid,
  run_id: z.string(),
  requester: z.strictObject({ name: z.string(), root: z.string(), ai: z.boolean() }),
  state: RunState,
  steps: z.array(StepView.extend({ replay: Replay })),
  failure: Failure.nullable(),
  summary: JsonObject.nullable(),
  created_at: EpochMs,
  started_at: EpochMs.nullable(),
  ended_at: EpochMs.nullable(),
});
export type BundleRun = z.infer<typeof BundleRun>;

/** `approvals.json`: each statement inside its signed envelope. */
export const BundleApprovals = z.strictObject({
  schema: z.literal('countersign.approvals.v1'),
  approvals: z.array(z.strictObject({ statement: ApprovalStatement, envelope: DsseEnvelope })),
});
export type BundleApprovals = z.infer<typeof BundleApprovals>;

/** `manifest.json`: every file it speaks for, with size and hash, sorted by path (UTF-16 code units). */
export const BundleManifest = z.strictObject({
  schema: z.literal('countersign.bundle.v1'),
  bundle_id: Uuid,
  op_id: Uuid,
  installation: z.string(),
  plan_digest: Sha256Digest,
  files: z.array(z.strictObject({ path: z.string(), size_bytes: z.int().nonnegative(), sha256: Sha256Digest })).min(1),
});
export type BundleManifest = z.infer<typeof BundleManifest>;

/** Predicate of the in-toto Statement v1 that is signed for a bundle. */
export const BundlePredicate = z.strictObject({
  bundle_id: Uuid,
  op_id: Uuid,
  plan_digest: Sha256Digest,
  target: z.string(),
  outcome: RunState,
  profile: z.enum(['standard', 'solo']),
  approvers: z.array(z.string()),
  ended_at: EpochMs.nullable(),
});
export type BundlePredicate = z.infer<typeof BundlePredicate>;
export const bundlePredicateType = 'https://countersign.dev/attestation/operation/v1';

/** in-toto Statement v1 whose one subject is `manifest.json`. */
export const BundleStatement = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.strictObject({ name: z.string(), digest: z.strictObject({ sha256: z.string() }) })).length(1),
  predicateType: z.literal(bundlePredicateType),
  predicate: BundlePredicate,
});
export type BundleStatement = z.infer<typeof BundleStatement>;

/** What a key of the installation may sign: tree heads of the log, bundles, people's decisions. */
export const KeyPurpose = z.enum(['checkpoint', 'evidence', 'approval']);
export type KeyPurpose = z.infer<typeof KeyPurpose>;

/** A public key without its time of validity. `public_key` is the raw 32 bytes in base64. */
export const PublicKey = z.strictObject({
  keyid: z.string(),
  name: z.string(),
  algorithm: z.literal('ed25519'),
  public_key: z.string(),
  purposes: z.array(KeyPurpose).min(1),
});
export type PublicKey = z.infer<typeof PublicKey>;

/**
 * A key that verifies this installation's signatures. Valid by the size of the audit log and not by a clock: for leaves
 * from `from_size` on and, once retired, before `until_size`.
 */
export const TrustedKey = PublicKey.extend({
  // Trust roots from before keys could be rotated lack these: their one key is good for all of the log.
  purposes: z.array(KeyPurpose).min(1).default(['checkpoint', 'evidence', 'approval']),
  from_size: z.int().nonnegative().default(0),
  until_size: z.int().nonnegative().nullable().default(null),
});
export type TrustedKey = z.infer<typeof TrustedKey>;

/** What both keys sign when one takes over from the other. */
export const RotationStatement = z.strictObject({
  schema: z.literal('countersign.key-rotation.v1'),
  installation: z.string(),
  from: z.string(),
  to: PublicKey,
});
export type RotationStatement = z.infer<typeof RotationStatement>;

/** One change of keys: the statement and the tree head at which it happened, each signed by the old and the new key. */
export const KeyRotation = z.strictObject({ statement: DsseEnvelope, checkpoint: z.string() });
export type KeyRotation = z.infer<typeof KeyRotation>;

/** All that a verifier must know of an installation: its keys, oldest first, and how each came after the one before. */
export const TrustRoot = z.strictObject({
  schema: z.literal('countersign.trust.v1'),
  installation: z.string(),
  /** The log's name in its checkpoints: `countersign/` and the installation. Older documents leave it out. */
  origin: z.string().optional(),
  keys: z.array(TrustedKey).min(1),
  rotations: z.array(KeyRotation).default([]),
});
export type TrustRoot = z.infer<typeof TrustRoot>;

/** Four states of one verification step. */
export const VerifyState = z.enum(['unknown', 'pass', 'fail', 'error']);
export const VerifyFinding = z.strictObject({
  id: z.string(),
  state: VerifyState,
  summary: z.string(),
  detail: z.string(),
  file: z.string().nullable(),
});
export type VerifyFinding = z.infer<typeof VerifyFinding>;
export const VerifyReport = z.strictObject({ state: VerifyState, findings: z.array(VerifyFinding) });
export type VerifyReport = z.infer<typeof VerifyReport>;

/** A bundle over HTTP: files as base64 by path. */
export const EvidenceView = z.strictObject({
  bundle_id: Uuid,
  op_id: Uuid,
  state: z.enum(['open', 'sealing', 'sealed', 'anchored']),
  folder: z.string().nullable(),
  files: z.array(z.strictObject({ path: z.string(), content_base64: z.string() })),
  trust: TrustRoot,
});
export type EvidenceView = z.infer<typeof EvidenceView>;

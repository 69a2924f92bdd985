import { z } from 'zod';
import { EpochMs, Sha256Digest, Uuid } from '../scalar/scalar.ts';

/** What policy still wants before a run: confirmation by the requester, or approval by `count` others. */
export const Obligation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('confirm') }),
  z.strictObject({ kind: z.literal('approve'), count: z.int().positive() }),
  z.strictObject({ kind: z.literal('step_up') }),
]);
export type Obligation = z.infer<typeof Obligation>;

export const DecidingPolicy = z.strictObject({
  id: z.string(),
  text: z.string(),
  effect: z.enum(['permit', 'forbid']),
});
export type DecidingPolicy = z.infer<typeof DecidingPolicy>;

/** Policy's answer. `needs` lists obligations still open; `deny` and `allow` have none. */
export const Verdict = z.strictObject({
  decision: z.enum(['allow', 'deny', 'needs']),
  obligations: z.array(Obligation),
  policies: z.array(DecidingPolicy),
  policy_set: z.string(),
  profile: z.enum(['standard', 'solo']),
  reason: z.string(),
});
export type Verdict = z.infer<typeof Verdict>;

export const ApprovalKind = z.enum(['confirm', 'approve', 'reject']);
export type ApprovalKind = z.infer<typeof ApprovalKind>;

/** What a person signs: exactly this plan, under exactly this verdict. */
export const ApprovalStatement = z.strictObject({
  schema: z.literal('countersign.approval.v1'),
  kind: ApprovalKind,
  op_id: Uuid,
  bundle_id: Uuid,
  plan_digest: Sha256Digest,
  verdict_digest: Sha256Digest,
  requester_root: z.string(),
  approver: z.string(),
  approver_root: z.string(),
  comment: z.string(),
  issued_at: EpochMs,
  expires_at: EpochMs,
});
export type ApprovalStatement = z.infer<typeof ApprovalStatement>;

export const ApprovalView = z.strictObject({
  approval_id: Uuid,
  kind: ApprovalKind,
  principal: z.string(),
  plan_digest: Sha256Digest,
  comment: z.string(),
  issued_at: EpochMs,
  expires_at: EpochMs,
  state: z.enum(['valid', 'expired', 'void', 'consumed']),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

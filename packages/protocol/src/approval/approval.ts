import { z } from 'zod';
import { EpochMs, Name, Sha256Digest, Uuid } from '../scalar/scalar.ts';

/**
 * What policy still wants before a run: confirmation by the requester; approval by `count` others, where a `group` is named
 * by members of it; with `step_up` decisions count only that were given right after a fresh proof of who gives them.
 */
export const Obligation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('confirm') }),
  z.strictObject({ kind: z.literal('approve'), count: z.int().positive(), group: Name.exactOptional() }),
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
  /** Approver groups that the person was in, sorted; left out where there were none. */
  approver_groups: z.array(Name).exactOptional(),
  /** When the person last proved afresh who they are; left out where that was not within `stepUpFreshMs`. */
  stepped_up_at: EpochMs.exactOptional(),
});
export type ApprovalStatement = z.infer<typeof ApprovalStatement>;

export const ApprovalView = z.strictObject({
  approval_id: Uuid,
  kind: ApprovalKind,
  principal: z.string(),
  groups: z.array(Name),
  /** Whether it was signed right after a fresh proof of who signed. */
  stepped_up: z.boolean(),
  plan_digest: Sha256Digest,
  comment: z.string(),
  issued_at: EpochMs,
  expires_at: EpochMs,
  state: z.enum(['valid', 'expired', 'void', 'consumed']),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** For how long a proof of who somebody is counts as fresh. */
export const stepUpFreshMs = 300_000;

/** Whether a decision was signed right after a fresh proof of who signed it. */
export function isSteppedUp({ stepped_up_at: provedAt, issued_at: issuedAt }: ApprovalStatement): boolean {
  return provedAt !== undefined && provedAt <= issuedAt && issuedAt - provedAt <= stepUpFreshMs;
}

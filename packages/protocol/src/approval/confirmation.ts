import { z } from 'zod';
import { Effect, Risk } from '../action/action.ts';
import { Check, Diff, StepInput } from '../plan/plan.ts';
import { EpochMs, Sha256Digest, Uuid } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';

/** What the requester is asked to confirm: risk, exact target and diff, with the one-time token that answers it. */
export const ConfirmationView = z.strictObject({
  op_id: Uuid,
  /** 256 random bits, good once, for this person and this digest, until `expires_at`. */
  confirmation: z.string(),
  expires_at: EpochMs,
  risk: Risk,
  effect: Effect,
  target: TargetRef.extend({ identity: z.string() }),
  digest: Sha256Digest,
  steps: z.array(StepInput),
  diffs: z.array(Diff),
  checks: z.array(Check),
});
export type ConfirmationView = z.infer<typeof ConfirmationView>;

/** Confirms exactly the plan that came with the token. */
export const ConfirmRequest = z.strictObject({
  digest: Sha256Digest,
  confirmation: z.string().min(1).max(128),
  comment: z.string().max(2000).optional(),
});
export type ConfirmRequest = z.infer<typeof ConfirmRequest>;

import { z } from 'zod';
import { OperationView } from '../operation/operation.ts';
import { EpochMs, Sha256Digest, Uuid } from '../scalar/scalar.ts';
import { mostMembers } from './waves.ts';

/** One plan of the list that was read. */
export const ListedPlan = z.strictObject({ op_id: Uuid, digest: Sha256Digest });
export type ListedPlan = z.infer<typeof ListedPlan>;

/** The whole list that is to be decided on: every operation of the group whose plan waits or is ready. */
const Listed = z.array(ListedPlan).min(1).max(mostMembers);
const Comment = z.string().max(2000).optional();
const Token = z.string().min(1).max(128);

export const GroupDecideRequest = z.strictObject({
  operations: Listed,
  /** One-time token that came with the list: for whoever approves what they proposed themselves, which the profile solo takes. */
  confirmation: Token.optional(),
  comment: Comment,
});
export const GroupConfirmRequest = z.strictObject({ operations: Listed, confirmation: Token, comment: Comment });

/** Starts by these digests; without them by the plans that were last shown to the caller. */
export const GroupStartRequest = z.strictObject({ operations: Listed.optional() });
export const GroupStopRequest = z.strictObject({ reason: z.string().max(2000).optional() });

/** The list that the requester is asked to confirm, with the one-time token that answers it. */
export const GroupConfirmationView = z.strictObject({
  group_id: Uuid,
  /** 256 random bits, good once, for this person and these digests, until `expires_at`. */
  confirmation: z.string(),
  expires_at: EpochMs,
  operations: z.array(OperationView),
});
export type GroupConfirmationView = z.infer<typeof GroupConfirmationView>;

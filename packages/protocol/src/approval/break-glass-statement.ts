import { z } from 'zod';
import { EpochMs, Sha256Digest, Uuid } from '../scalar/scalar.ts';
import { stepUpFreshMs } from './approval.ts';

/** How long broken glass is good for a run to be created and to begin. */
export const breakGlassMs = 900_000;

/** What is signed when a person breaks the glass: exactly this plan may run now, on their word and for this reason. */
export const BreakGlassStatement = z.strictObject({
  schema: z.literal('countersign.break-glass.v1'),
  op_id: Uuid,
  bundle_id: Uuid,
  plan_digest: Sha256Digest,
  /** Name of the person. */
  principal: z.string(),
  root: z.string(),
  reason: z.string(),
  issued_at: EpochMs,
  /** When the person had proven afresh who they are. */
  stepped_up_at: EpochMs,
  expires_at: EpochMs,
});
export type BreakGlassStatement = z.infer<typeof BreakGlassStatement>;

/** What is wrong with the times of a word itself: it comes right after a fresh proof and is good for a short while. */
export function breakGlassTimeProblem(word: BreakGlassStatement): string | null {
  const { stepped_up_at: provedAt, issued_at: issuedAt, expires_at: expiresAt } = word;
  if (provedAt > issuedAt || issuedAt - provedAt > stepUpFreshMs) {
    return `${word.principal} broke the glass without a fresh proof of who they are.`;
  }
  if (expiresAt <= issuedAt || expiresAt - issuedAt > breakGlassMs) {
    return `The word of ${word.principal} is good for another time than broken glass is.`;
  }
  return null;
}

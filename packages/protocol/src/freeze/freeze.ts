import { z } from 'zod';
import { EpochMs, Name } from '../scalar/scalar.ts';

/** An environment in which nothing is to change. */
export const FreezeView = z.strictObject({
  project: Name,
  environment: Name,
  reason: z.string(),
  by: z.string(),
  created_at: EpochMs,
  /** When it ends by itself; null for not before it is lifted. */
  until: EpochMs.nullable(),
});
export type FreezeView = z.infer<typeof FreezeView>;

const Reason = z.string().min(1).max(2000);

/** Freezes an environment (`frozen: true`) or lifts that. */
export const FreezeRequest = z.strictObject({
  project: Name,
  environment: Name,
  frozen: z.boolean(),
  reason: Reason,
  until: EpochMs.optional(),
});
export type FreezeRequest = z.infer<typeof FreezeRequest>;

/** Runs a planned operation past freeze, window and others' approval. */
export const BreakGlassRequest = z.strictObject({ digest: z.string(), reason: Reason });
export type BreakGlassRequest = z.infer<typeof BreakGlassRequest>;

export const BreakGlassFinding = z.enum(['justified', 'not_justified']);
export type BreakGlassFinding = z.infer<typeof BreakGlassFinding>;
/** What another person says of it afterwards. */
export const ReviewRequest = z.strictObject({ finding: BreakGlassFinding, comment: Reason });
export type ReviewRequest = z.infer<typeof ReviewRequest>;

/** Broken glass, and its review; null until another person has given one. */
export const BreakGlassView = z.strictObject({
  op_id: z.string(),
  by: z.string(),
  root: z.string(),
  reason: z.string(),
  digest: z.string(),
  at: EpochMs,
  review: z.strictObject({ by: z.string(), at: EpochMs, finding: BreakGlassFinding, comment: z.string() }).nullable(),
});
export type BreakGlassView = z.infer<typeof BreakGlassView>;

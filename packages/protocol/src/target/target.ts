import { z } from 'zod';
import { Name } from '../scalar/scalar.ts';

/** How much care an environment asks for; policy reads this, never the environment's name. */
export const Tier = z.enum(['dev', 'stage', 'prod']);
export type Tier = z.infer<typeof Tier>;

/** The one thing an operation is about, as everyone may see it (no credentials, no connection settings). */
export const TargetRef = z.strictObject({
  name: Name,
  project: Name,
  environment: Name,
  tier: Tier,
  connector: Name,
});
export type TargetRef = z.infer<typeof TargetRef>;

export const TargetView = TargetRef.extend({
  /** Whether a live worker serves it now. */
  served: z.boolean(),
  workers: z.array(z.string()),
  lockedBy: z.strictObject({ op_id: z.string(), run_id: z.string() }).nullable(),
});
export type TargetView = z.infer<typeof TargetView>;

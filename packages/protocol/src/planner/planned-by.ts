import { z } from 'zod';
import { Name, Uuid } from '../scalar/scalar.ts';

/** Where the steps of a proposal are from, as the planner's answer said it. */
export const PlannedBy = z.strictObject({
  plan_id: Uuid,
  planner: z.enum(['rules', 'model']),
  provider: Name,
  model: z.string().min(1).max(200),
});
export type PlannedBy = z.infer<typeof PlannedBy>;

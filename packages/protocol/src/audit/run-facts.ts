import { z } from 'zod';
import { Tier } from '../target/target.ts';
import type { AuditEventName } from './audit-events.ts';

/** Where an entry's operation acts. */
export const AuditPlace = z.object({ project: z.string(), environment: z.string(), tier: Tier });
export type AuditPlace = z.infer<typeof AuditPlace>;

/**
 * What the entry of an ended run says for the success measures, in its `detail` beside other fields: enough to compute
 * them again from the log alone.
 */
export const RunFacts = AuditPlace.extend({
  steps: z.int().nonnegative(),
  /** Steps whose intent was recorded: their effect was had or attempted. Zero: nothing was executed. */
  effects: z.int().nonnegative(),
  diffs: z.int().nonnegative(),
  /** Steps of the plan without any diff. */
  undiffed: z.int().nonnegative(),
  /** Preflight checks of the plan, and those among them that forbid a run. */
  checks: z.int().nonnegative(),
  blocking: z.int().nonnegative(),
  /** Whether a step upgrades something, and the worst status of the plan's dry-run checks; null where there is none. */
  upgrade: z.boolean(),
  dry_run: z.enum(['pass', 'warn', 'fail']).nullable(),
});
export type RunFacts = z.infer<typeof RunFacts>;

/** The events that the success measures are computed from. */
export const measuredEvents = [
  'run.succeeded',
  'run.failed',
  'run.cancelled',
  'run.outcome_unknown',
  'run.resolved',
  'run.reconciled',
  'approval.confirmed',
  'approval.approved',
  'approval.rejected',
  'operation.denied',
  'evidence.sealed',
  'evidence.replayed',
] as const satisfies readonly AuditEventName[];

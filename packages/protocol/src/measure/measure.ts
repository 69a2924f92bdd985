import { z } from 'zod';
import { EpochMs, Name } from '../scalar/scalar.ts';

/** Every success measure: its permanent id, what it counts, and which end of its scale is wanted. */
export const measureIds = {
  prod_changes_without_diff: 'Executed production changes with a step that showed no diff.',
  changes_without_diff: 'Executed changes in any tier with a step that showed no diff.',
  operations_with_evidence: 'Executed changes that ended and have a sealed bundle.',
  preflight_passed: 'Executed changes whose preflight checks were made and forbade nothing.',
  replays_equal: 'Replays of bundles that came out the same, of all that were tried.',
  upgrades_with_dry_run: 'Executed upgrades that had passed a dry run.',
  upgrades_ok_with_dry_run: 'Upgrades with a passed dry run that succeeded.',
  upgrades_ok_without_dry_run: 'Upgrades without a passed dry run that succeeded.',
} as const;
export const MeasureId = z.enum([
  'prod_changes_without_diff',
  'changes_without_diff',
  'operations_with_evidence',
  'preflight_passed',
  'replays_equal',
  'upgrades_with_dry_run',
  'upgrades_ok_with_dry_run',
  'upgrades_ok_without_dry_run',
]);
export type MeasureId = z.infer<typeof MeasureId>;

/** One measure. `ratio` is null where nothing was counted; `met` is null then, and where nothing is demanded. */
export const Measure = z.strictObject({
  id: MeasureId,
  summary: z.string(),
  numerator: z.int().nonnegative(),
  denominator: z.int().nonnegative(),
  ratio: z.number().nullable(),
  wanted: z.enum(['none', 'all']).nullable(),
  met: z.boolean().nullable(),
  /** Operations that stand against what is wanted: the first hundred, and how many there are. */
  offenders: z.array(z.string()).max(100),
  offender_count: z.int().nonnegative(),
});
export type Measure = z.infer<typeof Measure>;

const Count = z.int().nonnegative();

/** The success measures over a span of the audit log. An operation belongs to the span in which its run ended. */
export const MeasuresView = z.strictObject({
  schema: z.literal('countersign.measures.v1'),
  from: EpochMs.nullable(),
  /** Exclusive. */
  to: EpochMs.nullable(),
  project: z.string().nullable(),
  environment: z.string().nullable(),
  /** Entries that were counted. */
  entries: Count,
  measures: z.array(Measure),
  /** Executed changes by outcome. */
  outcomes: z.strictObject({ succeeded: Count, failed: Count, cancelled: Count }),
  /** Ended within the last minute and not sealed yet: counted once they are, or once the minute is over. */
  sealing: Count,
  /** Ended runs whose entry lacks the facts; they count as executed and as offenders. */
  untold: Count,
  approvals: z.strictObject({ confirmed: Count, approved: Count, rejected: Count }),
  /** From proposal to approval or confirmation, milliseconds; null without any. */
  approval_wait_ms: z.strictObject({ p50: Count, p95: Count }).nullable(),
  denied: Count,
  /** Outcomes that were in doubt, and who cleared them up. */
  unknown: z.strictObject({ left: Count, by_person: Count, by_reconcile: Count }),
});
export type MeasuresView = z.infer<typeof MeasuresView>;

/** Which part of the log is measured: times in epoch milliseconds, `to` exclusive. */
export const MeasuresQuery = z.strictObject({
  from: z.coerce.number().int().nonnegative().optional(),
  to: z.coerce.number().int().nonnegative().optional(),
  project: Name.optional(),
  environment: Name.optional(),
});
export type MeasuresQuery = z.infer<typeof MeasuresQuery>;

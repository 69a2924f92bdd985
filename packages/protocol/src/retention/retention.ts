import { z } from 'zod';
import { EpochMs } from '../scalar/scalar.ts';

const count = z.int().nonnegative();
const Amount = z.strictObject({ count, size_bytes: count });

/** What one pass of retention took. */
export const RetentionPass = z.strictObject({
  at: EpochMs,
  artifacts: Amount,
  outputs: Amount,
  /** Rows that only helped while something was young: request ids, finished jobs, who saw which plan, checkpoints within one hour. */
  rows: count,
});
export type RetentionPass = z.infer<typeof RetentionPass>;

/** How much is kept, and what the settings allow. A budget or number of days that is null has no limit. */
export const StorageView = z.strictObject({
  database_bytes: count,
  artifacts: Amount,
  /** Output of operations that ended and were measured. */
  outputs: Amount,
  /** Content that is gone; its digests and audit entries are not. */
  removed: Amount,
  retention: z.strictObject({
    artifact_days: z.number().nullable(),
    artifact_mb: z.number().nullable(),
    output_days: z.number().nullable(),
    output_mb: z.number().nullable(),
    row_days: z.number(),
  }),
  last_pass: RetentionPass.nullable(),
});
export type StorageView = z.infer<typeof StorageView>;

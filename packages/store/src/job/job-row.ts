import type { Job } from '@countersign/kernel';
import { JsonValue } from '@countersign/protocol';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText } from '../codec/json-text.ts';

/** Columns of `job`. Lease times are by the database's clock. */
export const JobRow = z.object({
  id: z.string(),
  kind: z.enum(['plan', 'run', 'read', 'reconcile', 'seal', 'generate', 'chat', 'workflow']),
  subject_id: z.string(),
  target: z.string().nullable(),
  state: z.enum(['queued', 'claimed', 'done']),
  attempt: integer,
  fence: integer,
  lease_worker: z.string().nullable(),
  lease_instance: z.string().nullable(),
  lease_expires_at: integer.nullable(),
  run_after: integer,
  payload: json(JsonValue),
  created_at: integer,
});
export type JobRow = z.input<typeof JobRow>;

/** The job of a decoded row. */
export function jobOf(row: z.output<typeof JobRow>): Job {
  return {
    id: row.id,
    kind: row.kind,
    subjectId: row.subject_id,
    target: row.target,
    state: row.state,
    attempt: row.attempt,
    fence: row.fence,
    leaseWorker: row.lease_worker,
    leaseInstance: row.lease_instance,
    leaseExpiresAt: row.lease_expires_at,
    runAfter: row.run_after,
    payload: row.payload,
    createdAt: row.created_at,
  };
}
/** The row of a job. */
export function jobRow(job: Job): JobRow {
  return {
    id: job.id,
    kind: job.kind,
    subject_id: job.subjectId,
    target: job.target,
    state: job.state,
    attempt: job.attempt,
    fence: job.fence,
    lease_worker: job.leaseWorker,
    lease_instance: job.leaseInstance,
    lease_expires_at: job.leaseExpiresAt,
    run_after: job.runAfter,
    payload: jsonText(job.payload),
    created_at: job.createdAt,
  };
}

import { z } from 'zod';
import { ActionName, EpochMs, Name, Sha256Digest, Uuid } from '../scalar/scalar.ts';
import { JobKind } from './worker-port.ts';

/** What a worker notes of itself: that it began to write, and of each job what became of it. */
export const WorkerAuditNote = z.enum([
  /** A process began to write. */
  'opened',
  /** A job came; nothing of it was done yet. */
  'claimed',
  /** Nothing of the job is done: the worker does not do such. */
  'refused',
  /** An effect comes next. */
  'intent',
  /** The effect did not come: the server said cancel or panic. */
  'withheld',
  /** What became of a step. */
  'outcome',
  /** The job is over. */
  'ended',
  /** The job was left where it stood: its lease is lost, or the worker stopped. */
  'left',
]);
export type WorkerAuditNote = z.infer<typeof WorkerAuditNote>;

/** What an entry tells: names and digests alone, and a message that was scrubbed. */
export const WorkerAuditFact = z.strictObject({
  note: WorkerAuditNote,
  /** Null for `opened`. */
  job: z
    .strictObject({
      op_id: Uuid,
      job_id: Uuid,
      run_id: z.string().nullable(),
      kind: JobKind,
      fence: z.int().positive(),
      target: Name,
      actions: z.array(ActionName),
      /** Null where nothing was approved: plans and reads. */
      plan_digest: Sha256Digest.nullable(),
    })
    .nullable(),
  /** The step of an `intent`, `withheld` or `outcome`. */
  step: z.strictObject({ index: z.int().nonnegative(), action: ActionName.nullable() }).nullable(),
  /** What the worker tells the server of a step or a job; null before. */
  outcome: z.string().max(32).nullable(),
  code: z.string().max(64).nullable(),
  message: z.string().max(500).nullable(),
});
export type WorkerAuditFact = z.infer<typeof WorkerAuditFact>;

/** One line of a worker's own audit, before it is signed. */
export const WorkerAuditBody = WorkerAuditFact.extend({
  schema: z.literal('countersign.worker-audit.v1'),
  seq: z.int().nonnegative(),
  at: EpochMs,
  worker: Name,
  /** One process life. */
  instance: Uuid,
  /** RFC 6962 leaf hash of the line before; zeroes in the first. */
  prev: Sha256Digest,
  /** In `opened`: what was found behind the last whole line. A killed process leaves no newline there; then it is not `closed`. */
  torn: z.strictObject({ bytes: z.int().nonnegative(), sha256: Sha256Digest, closed: z.boolean() }).nullable(),
});
export type WorkerAuditBody = z.infer<typeof WorkerAuditBody>;

/** One line of a worker's own audit. Key and signature are null for a worker without a key of its own. */
export const WorkerAuditEntry = WorkerAuditBody.extend({
  /** Raw Ed25519 public key, 32 bytes in base64. */
  public_key: z.string().nullable(),
  /** Over the canonical body and the public key, 64 bytes in base64. */
  signature: z.string().nullable(),
});
export type WorkerAuditEntry = z.infer<typeof WorkerAuditEntry>;

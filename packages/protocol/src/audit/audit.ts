import { z } from 'zod';
import { EpochMs, JsonObject, Uuid } from '../scalar/scalar.ts';
import { auditEvents } from './audit-events.ts';

const names = Object.keys(auditEvents);

/** The bytes of a leaf: canonical JSON of this object. The leaf index is given later by the sequencer. */
export const AuditBody = z.strictObject({
  schema: z.literal('countersign.audit.v1'),
  entry_id: Uuid,
  at: EpochMs,
  event: z.string().refine((name) => names.includes(name), 'not a registered audit event'),
  actor: z.strictObject({ principal: z.string(), root: z.string(), ai: z.boolean() }),
  subject: z.strictObject({ kind: z.string(), id: z.string() }),
  outcome: z.enum(['ok', 'refused', 'failed', 'unknown']),
  correlation_id: z.string(),
  detail: JsonObject,
});
export type AuditBody = z.infer<typeof AuditBody>;

export const AuditEntryView = AuditBody.extend({ leaf_index: z.int().nonnegative().nullable() });
export type AuditEntryView = z.infer<typeof AuditEntryView>;

/** A C2SP signed checkpoint: `note` is the whole signed note as text. */
export const CheckpointView = z.strictObject({
  tree_size: z.int().nonnegative(),
  root_hash: z.string(),
  at: EpochMs,
  note: z.string(),
});
export type CheckpointView = z.infer<typeof CheckpointView>;

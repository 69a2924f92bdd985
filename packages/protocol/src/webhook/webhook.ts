import { z } from 'zod';
import { AuditBody } from '../audit/audit.ts';
import { EpochMs, Uuid } from '../scalar/scalar.ts';

/**
 * What a webhook gets: a CloudEvents 1.0 event in structured JSON mode (github.com/cloudevents/spec, `http-protocol-binding`).
 * `id` is the audit entry's id and stays the same however often it is sent; `type` is `countersign.` and the audit event.
 */
export const CloudEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  /** Kind and id of what it is about, such as `operation/0198…`. */
  subject: z.string(),
  /** RFC 3339. */
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  data: z.strictObject({
    entry: AuditBody,
    /** Place in the audit log; null for a test. */
    leaf_index: z.int().nonnegative().nullable(),
    /** The page of the operation; null where it is about none. */
    link: z.string().nullable(),
    operation: z
      .strictObject({
        op_id: z.string(),
        target: z.string(),
        project: z.string(),
        environment: z.string(),
        effect: z.string(),
        risk: z.string(),
        actions: z.array(z.string()),
        requester: z.string(),
        ai: z.boolean(),
      })
      .nullable(),
  }),
});
export type CloudEvent = z.infer<typeof CloudEvent>;

/** What a webhook did not take in all its attempts. */
export const DeadLetterView = z.strictObject({
  entry_id: Uuid,
  leaf_index: z.int().nonnegative(),
  event: z.string(),
  attempts: z.int(),
  error: z.string(),
  died_at: EpochMs,
  /** Whether one more attempt is asked for. */
  queued: z.boolean(),
});
export type DeadLetterView = z.infer<typeof DeadLetterView>;

/** One configured webhook and how far it is. */
export const WebhookView = z.strictObject({
  name: z.string(),
  /** Where it stands, without path and query. */
  origin: z.string(),
  events: z.array(z.string()),
  state: z.enum(['ok', 'failing']),
  error: z.string().nullable(),
  /** Leaf index of the first entry it has not been told of. */
  cursor: z.int().nonnegative(),
  attempts: z.int(),
  delivered_at: EpochMs.nullable(),
  next_at: EpochMs.nullable(),
  dead_letters: z.array(DeadLetterView),
  dead_letter_count: z.int(),
});
export type WebhookView = z.infer<typeof WebhookView>;

/** How a test of a webhook went. */
export const WebhookTested = z.strictObject({ name: z.string(), delivered: z.boolean(), message: z.string() });
export type WebhookTested = z.infer<typeof WebhookTested>;

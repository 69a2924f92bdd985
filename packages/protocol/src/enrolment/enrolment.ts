import { z } from 'zod';
import { EpochMs, Name, Sha256Digest, Uuid } from '../scalar/scalar.ts';

/** The secret by which a worker joins, once: 256 random bits. */
export const EnrolmentSecret = z
  .string()
  .regex(/^csw_[A-Za-z0-9_-]{43}$/, 'expected what `countersign workers enrol` printed: csw_ and 43 characters');

/** `docker.logs`, every action of a connector as `docker.*`, or every action as `*`. */
export const ActionPattern = z
  .string()
  .max(96)
  .regex(
    /^(?:\*|[a-z][a-z0-9_]*\.(?:\*|[a-z][a-z0-9_]*))$/,
    'use connector.action, "connector.*" for all of a connector, or "*" for all',
  );

/** What a worker may do: on these targets these actions, and nothing else. */
export const WorkerScope = z.strictObject({
  /** Targets by name; `*` for every one, also those that come later. */
  targets: z
    .array(z.union([z.literal('*'), Name]))
    .min(1)
    .max(500),
  actions: z.array(ActionPattern).min(1).max(200),
});
export type WorkerScope = z.infer<typeof WorkerScope>;

const dayMs = 86_400_000;

export const EnrolmentCreateRequest = WorkerScope.extend({
  /** Name that the worker gets. Of a worker that has joined before, it replaces key and scope. */
  worker: Name,
  /** How long the secret is good; an hour when left out. */
  expires_in_ms: z
    .int()
    .min(60_000)
    .max(7 * dayMs)
    .optional(),
});
export type EnrolmentCreateRequest = z.infer<typeof EnrolmentCreateRequest>;

/** An enrolment without its secret. */
export const EnrolmentView = WorkerScope.extend({
  enrolment_id: Uuid,
  worker: Name,
  made_by: z.string(),
  created_at: EpochMs,
  expires_at: EpochMs,
  state: z.enum(['open', 'redeemed', 'revoked', 'expired']),
  closed_at: EpochMs.nullable(),
});
export type EnrolmentView = z.infer<typeof EnrolmentView>;

/** The only answer that ever carries the secret. */
export const EnrolmentCreated = EnrolmentView.extend({ secret: z.string() });
export type EnrolmentCreated = z.infer<typeof EnrolmentCreated>;

/** What a worker says to join: the secret, the public half of a key that never leaves it, and that it holds the other half. */
export const EnrolRequest = z.strictObject({
  secret: EnrolmentSecret,
  /** Raw Ed25519 public key, 32 bytes in base64. */
  public_key: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'expected 32 bytes in base64'),
  /** Its signature over secret and public key, 64 bytes in base64. */
  proof: z.string().regex(/^[A-Za-z0-9+/]{86}==$/, 'expected 64 bytes in base64'),
});
export type EnrolRequest = z.infer<typeof EnrolRequest>;

/** What a worker that joined keeps beside its key. */
export const Enrolled = WorkerScope.extend({
  worker: Name,
  installation: z.string(),
  keyid: Sha256Digest,
  server_version: z.string(),
});
export type Enrolled = z.infer<typeof Enrolled>;

/** What a worker says with each request under its key's signature. */
export const WorkerProofPayload = z.strictObject({
  keyid: Sha256Digest,
  /** The only installation that it is meant for. */
  installation: z.string().min(1).max(64),
  /** When it was made, by the worker's clock. */
  at: EpochMs,
});
export type WorkerProofPayload = z.infer<typeof WorkerProofPayload>;

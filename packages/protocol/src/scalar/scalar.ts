import { z } from 'zod';

/** 128-bit time-ordered identifier (UUIDv7) as lower-case text. */
export const Uuid = z.uuid();
/** An operation by its UUID, or spelled as the draft `d_<ulid>` or the approved `a_<ulid>`. */
export const OperationRef = z
  .string()
  .regex(
    /^(?:[da]_[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
    'expected a UUID, d_<ulid> or a_<ulid>',
  );
/** Milliseconds since the Unix epoch, an integer. */
export const EpochMs = z.int().nonnegative();
/** SHA-256 as `sha256:` and 64 lower-case hex digits. */
export const Sha256Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256:<64 hex digits>');
/** A short machine name: letters, digits, dot, dash, underscore; never begins with a dash. */
export const Name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, 'use letters, digits, ".", "-", "_"; not a leading "-"');
/** An agent by its name, of whoever asks, or as `owner/name`. */
export const AgentRef = z
  .string()
  .max(129)
  .regex(
    /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\/)?[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/,
    'use NAME for an agent of your own, or OWNER/NAME',
  );
/** A dotted action name such as `repo.write_files`. */
export const ActionName = z
  .string()
  .max(96)
  .regex(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, 'use connector.action, for example repo.write_files');
/** Caller's idempotency key. */
export const RequestId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\x21-\x7e]+$/, 'use visible ASCII without spaces');

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** Any JSON value. */
export const JsonValue: z.ZodType<Json> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.number(), z.string(), z.array(JsonValue), z.record(z.string(), JsonValue)]),
);
export const JsonObject = z.record(z.string(), JsonValue);
export type JsonObject = z.infer<typeof JsonObject>;

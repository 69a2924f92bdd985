import { z } from 'zod';

/** Why the server ends a stream before its last event. All but `ended` and `revoked` may be resumed. */
export const StreamClosing = z.enum([
  /** The stream has had its last event before. */
  'ended',
  /** The connection was open for as long as one may be. */
  'duration',
  /** The request has had as many events, or bytes, as it may. */
  'quota',
  /** The server stops; another one, or the same, will go on. */
  'shutdown',
  /** The token was revoked or has run out, the session is over, or whoever reads has no role there any more. */
  'revoked',
  /** The database does not answer. */
  'unavailable',
]);
export type StreamClosing = z.infer<typeof StreamClosing>;

/**
 * What the server says about a stream, as SSE events with a name; the stream's own events have none. `after` is the
 * sequence number of the last event sent, to resume after.
 */
export const StreamNotice = z.discriminatedUnion('name', [
  /** Everything that was stored when the stream was asked for has been sent. */
  z.strictObject({ name: z.literal('caught_up'), data: z.strictObject({ after: z.int().nonnegative() }) }),
  /** The reader was too slow and is dropped. */
  z.strictObject({ name: z.literal('resync'), data: z.strictObject({ after: z.int().nonnegative() }) }),
  /** The server ends the connection; `retry_ms` is when to ask again. */
  z.strictObject({
    name: z.literal('closing'),
    data: z.strictObject({
      after: z.int().nonnegative(),
      reason: StreamClosing,
      retry_ms: z.int().nonnegative().nullable(),
    }),
  }),
]);
export type StreamNotice = z.infer<typeof StreamNotice>;

const whole = z.coerce.number().int();

/** What of a stream is asked for. What a reader sets can only be less than the server gives anyone. */
export const StreamQuery = z.strictObject({
  /** Only events after this sequence number; wins over `Last-Event-ID`. */
  after: whole.min(0).optional(),
  /** `false`: what is stored, then the end. */
  follow: z.enum(['true', 'false']).default('true'),
  /** Events after which the connection ends. */
  max_events: whole.min(1).optional(),
  /** Bytes after which the connection ends. */
  max_bytes: whole.min(1).optional(),
  /** Milliseconds after which the connection ends. */
  max_ms: whole.min(1).optional(),
});
export type StreamQuery = z.infer<typeof StreamQuery>;

import type { Caller } from '@countersign/engine';
import { CodedError, type Outcome } from '@countersign/protocol';
import type { FastifyReply } from 'fastify';

/** What a handler gets: everything parsed. */
export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  readonly caller: Caller;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** How long the client would wait for an answer (`Prefer: wait=N`), in milliseconds. */
  readonly waitMs: number | null;
  readonly lastEventId: number;
  /** `Idempotency-Key`; a request_id in the body wins. */
  readonly idempotencyKey: string | undefined;
  /** Aborted when the client goes away or the server closes. */
  readonly signal: AbortSignal;
  readonly reply: FastifyReply;
}

/** A handler's answer: a status and a body; `sent` when it wrote the reply itself. */
export type Answer = { readonly status: number; readonly body: unknown } | 'sent';

/** 200 with a body. */
export function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** The value of an outcome; a refusal goes to the one error mapper. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new CodedError(outcome.code, outcome.message, outcome.detail);
}

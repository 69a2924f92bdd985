import type { z } from 'zod';

/**
 * Which scope a route lives in; each lane has its own credentials and rules. `alias` are the sources' own addresses of
 * what stands under `/v1` too: bearer only, cookies mean nothing, no other origin.
 */
export type Lane = 'probe' | 'ui' | 'alias' | 'worker';
/** Least role that may call a route; `none` needs no token. Roles include lower ones; `worker` stands apart. */
export type Permission = 'none' | 'viewer' | 'actions' | 'approver' | 'admin' | 'worker';

/** One HTTP route. Server, client, OpenAPI and the endpoint map are all made from it. */
export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Fastify spelling: `/v1/ops/:op_id`. */
  readonly path: string;
  readonly lane: Lane;
  readonly permission: Permission;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Success statuses with their body schema; `sse` and `text` say that the body is no JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | 'sse' | 'text' | 'bytes' | 'empty'>>;
}

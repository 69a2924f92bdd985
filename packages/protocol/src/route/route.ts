import type { z } from 'zod';
import type { Flag } from '../flag/flag.ts';
import type { Scope } from '../token/grant.ts';

/**
 * Every lane. Each has its own credentials and rules:
 * `probe` what comes without a credential, or with a bearer token; `ui` a session's cookie with CSRF token and Origin, or a
 * bearer token, never both; `auth` signing in and out, where there is no session yet; `admin` as `ui`, with the scope `admin`
 * for tokens, and an address of its own where one is configured; `public` bearer tokens for other programs, no browser; `alias`
 * the sources' own addresses of what stands under `/v1` too, bearer only; `worker` the worker port.
 */
export const lanes = ['probe', 'ui', 'auth', 'admin', 'public', 'alias', 'worker'] as const;
export type Lane = (typeof lanes)[number];
/** Which budget of requests a route draws on. */
export const limitClasses = ['probe', 'read', 'write', 'auth', 'stream', 'worker'] as const;
export type LimitClass = (typeof limitClasses)[number];
/**
 * Where the caller must hold the role that a route asks for: `installation` by a grant for every project and environment,
 * `project` by a grant for the target in question, which the handler looks at, `none` anywhere, for what belongs to nobody or
 * to the caller alone.
 */
export type Reach = 'installation' | 'project' | 'none';
/** Least role that may call a route; `none` needs no token. Roles include lower ones; `worker` stands apart. */
export type Permission = 'none' | 'viewer' | 'actions' | 'approver' | 'admin' | 'worker';

/** One HTTP route. Server, client, OpenAPI and the endpoint map are all made from it. */
export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Fastify spelling: `/v1/ops/:op_id`. */
  readonly path: string;
  readonly lane: Lane;
  readonly permission: Permission;
  /** What a token that is narrowed to scopes needs; null where any token will do. */
  readonly scope: Scope | null;
  readonly limit: LimitClass;
  readonly reach: Reach;
  /** The flag that turns the route off. */
  readonly flag?: Flag;
  /** The id of the route whose handler serves this one as well. */
  readonly mirrors?: string;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Success statuses with their body schema; `sse` and `text` say that the body is no JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | 'sse' | 'text' | 'bytes' | 'empty'>>;
}

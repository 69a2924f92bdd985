import { z } from 'zod';
import { EpochMs, Name, Uuid } from '../scalar/scalar.ts';
import { Grant, Scope } from './grant.ts';

export const PrincipalKind = z.enum(['person', 'service', 'agent', 'worker']);
export type PrincipalKind = z.infer<typeof PrincipalKind>;
/** Each role includes the ones before it. `worker` stands apart and reaches only the worker port. */
export const Role = z.enum(['viewer', 'actions', 'approver', 'admin', 'worker']);
export type Role = z.infer<typeof Role>;

/** Who acts: a principal, the human or service at its root, and whether an AI stands anywhere in the line. */
export const Principal = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: PrincipalKind,
  /** The highest role anywhere; what it may do at one target is in `grants`. */
  role: Role,
  /** Roles by project and environment; none for a worker. */
  grants: z.array(Grant),
  /** Groups of approvers that a person belongs to. */
  groups: z.array(Name),
  /** What its token is narrowed to; null for all that the role allows. */
  scopes: z.array(Scope).nullable(),
  /** The root of the lineage human -> token -> agent; equal roots are one will. */
  root: z.string(),
  /** True when this principal or any ancestor below the root is an AI agent. */
  ai: z.boolean(),
});
export type Principal = z.infer<typeof Principal>;

export const TokenCreateRequest = z.strictObject({
  name: Name,
  kind: PrincipalKind,
  /** The role everywhere; `worker` for a worker. Either this or `grants`. */
  role: Role.optional(),
  /** Roles by project and environment, for a token that reaches only some. */
  grants: z.array(Grant).min(1).max(50).optional(),
  /** Groups of approvers that a person's token stands for. */
  groups: z.array(Name).max(20).optional(),
  /** What it is narrowed to; all that its role allows when left out. */
  scopes: z.array(Scope).min(1).max(Scope.options.length).optional(),
  /** Person at the root of an agent's or service's lineage, by name; the caller when left out. */
  owner: Name.optional(),
  expires_in_ms: z
    .int()
    .positive()
    .max(10 * 365 * 86_400_000)
    .optional(),
});
export type TokenCreateRequest = z.infer<typeof TokenCreateRequest>;

export const TokenView = z.strictObject({
  token_id: Uuid,
  name: z.string(),
  kind: PrincipalKind,
  role: Role,
  grants: z.array(Grant),
  groups: z.array(Name),
  scopes: z.array(Scope).nullable(),
  principal: z.string(),
  root: z.string(),
  ai: z.boolean(),
  /** The token that made it; null where no token did. */
  created_by: Uuid.nullable(),
  created_at: EpochMs,
  expires_at: EpochMs.nullable(),
  revoked_at: EpochMs.nullable(),
  last_used_at: EpochMs.nullable(),
  /** Requests that came with it; written down a second late. */
  use_count: z.int().nonnegative(),
});
export type TokenView = z.infer<typeof TokenView>;
/** The only answer that ever carries a token's text. */
export const TokenCreated = TokenView.extend({ token: z.string() });
export type TokenCreated = z.infer<typeof TokenCreated>;

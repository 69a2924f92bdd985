import { z } from 'zod';
import { Uuid } from '../scalar/scalar.ts';
import { Principal, TokenCreated, TokenCreateRequest, TokenView } from '../token/token.ts';
import type { RouteDefinition } from './route.ts';

/** Who calls, tokens, and panic mode. */
export const accessRoutes = {
  whoami: {
    method: 'GET',
    path: '/v1/whoami',
    lane: 'ui',
    permission: 'viewer',
    scope: null,
    limit: 'read',
    reach: 'none',
    summary: 'The calling principal.',
    answers: { 200: Principal },
  },
  tokenList: {
    method: 'GET',
    path: '/v1/tokens',
    lane: 'ui',
    permission: 'viewer',
    scope: 'tokens',
    limit: 'read',
    reach: 'none',
    summary: 'Tokens, never their text: an administrator sees all, others those of their own lineage.',
    answers: { 200: z.strictObject({ tokens: z.array(TokenView) }) },
  },
  tokenCreate: {
    method: 'POST',
    path: '/v1/tokens',
    lane: 'ui',
    permission: 'actions',
    scope: 'tokens',
    limit: 'write',
    reach: 'none',
    summary: 'Makes a token; an admin for anyone, others only for agents of their own with at most their own role.',
    body: TokenCreateRequest,
    answers: { 201: TokenCreated },
  },
  tokenRevoke: {
    method: 'DELETE',
    path: '/v1/tokens/:token_id',
    lane: 'ui',
    permission: 'viewer',
    scope: 'tokens',
    limit: 'write',
    reach: 'none',
    summary: 'Revokes a token: an administrator any, a person those of their own lineage.',
    params: z.strictObject({ token_id: Uuid }),
    answers: { 200: TokenView },
  },
  panicSet: {
    method: 'PUT',
    path: '/v1/dev/panic',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'write',
    reach: 'installation',
    summary: 'Panic mode: while on, nothing starts and running work stops between steps.',
    body: z.strictObject({ on: z.boolean(), reason: z.string().min(1).max(2000) }),
    answers: { 200: z.strictObject({ on: z.boolean() }) },
  },
} as const satisfies Record<string, RouteDefinition>;

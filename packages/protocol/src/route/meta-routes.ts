import { CsrfView, MetaView } from '../meta/meta.ts';
import type { RouteDefinition } from './route.ts';

/** What a face asks before anything else. */
export const metaRoutes = {
  meta: {
    method: 'GET',
    path: '/v1/meta',
    lane: 'ui',
    permission: 'none',
    scope: null,
    limit: 'read',
    reach: 'none',
    summary: 'Version and flags of the server.',
    answers: { 200: MetaView },
  },
  csrfBootstrap: {
    method: 'GET',
    path: '/v1/auth/csrf/bootstrap',
    lane: 'auth',
    permission: 'none',
    scope: null,
    limit: 'read',
    reach: 'none',
    summary: "The CSRF token of the caller's session; null without one.",
    answers: { 200: CsrfView },
  },
} as const satisfies Record<string, RouteDefinition>;

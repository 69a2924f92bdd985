import type { SignInOrigin } from '@countersign/engine';
import type { FastifyRequest } from 'fastify';
import { sessionCookieOf } from './session-cookie.ts';

const longestAgent = 256;

/** Where a sign-in comes from, as far as the request tells. */
export function signInOriginOf(request: FastifyRequest): SignInOrigin {
  const agent = request.headers['user-agent'] ?? '';
  return {
    address: request.ip,
    // Printable ASCII alone: it is shown in lists.
    userAgent: agent.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, longestAgent),
    formerSecret: sessionCookieOf(request.headers.cookie) ?? null,
    correlationId: request.id,
  };
}

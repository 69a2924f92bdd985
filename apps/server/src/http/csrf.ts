import { timingSafeEqual } from 'node:crypto';
import type { EngineContext } from '@countersign/engine';
import type { FastifyRequest } from 'fastify';

/** The token that belongs to a session's cookie. Nothing is stored: it is the cookie under a key of the installation. */
export function csrfToken(context: Pick<EngineContext, 'vault'>, cookie: string): string {
  return context.vault.csrfToken(cookie);
}

/** Whether a request carries the token of its session. */
export function carriesCsrfToken(
  context: Pick<EngineContext, 'vault'>,
  request: FastifyRequest,
  cookie: string,
): boolean {
  const given = request.headers['x-csrf-token'];
  if (typeof given !== 'string') return false;
  const expected = Buffer.from(csrfToken(context, cookie));
  const shown = Buffer.from(given);
  return expected.length === shown.length && timingSafeEqual(expected, shown);
}

import type { WebMode } from '@countersign/protocol';
import type { FastifyRequest } from 'fastify';

/** How browsers reach this server. */
export interface WebSettings {
  readonly mode: WebMode;
  /** Origins of the pages that may call with a session, besides the server's own: `https://app.example.org`. */
  readonly origins: readonly string[];
}

export const defaultWeb: WebSettings = { mode: 'same_origin', origins: [] };

const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

/**
 * Whether an origin is the server's own: its very host over TLS, or without it on this machine alone, as browsers do. Whoever
 * would lie about the host gets no cookie, which is bound to it.
 */
function isOwn(origin: string, host: string | undefined): boolean {
  if (host === undefined) return false;
  return origin === `https://${host}` || (loopback.test(host) && origin === `http://${host}`);
}

/** Whether a page of this origin may call with a session. Compared as bytes: an origin has one spelling. */
export function isAllowedOrigin(origin: string, request: FastifyRequest, web: WebSettings): boolean {
  return web.origins.includes(origin) || isOwn(origin, request.headers.host);
}

/** The `Origin` of a request; undefined without one. */
export function originOf(request: FastifyRequest): string | undefined {
  return request.headers.origin;
}

/** Where the browser says that a request comes from; undefined where it is none, or an old one. */
export function fetchSiteOf(request: FastifyRequest): string | undefined {
  const header = request.headers['sec-fetch-site'];
  return typeof header === 'string' ? header : undefined;
}

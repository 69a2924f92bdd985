import type { EngineContext } from '@countersign/engine';
import { accept, type Outcome, type Refusal, type RouteDefinition, refuse } from '@countersign/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { carriesCsrfToken } from './csrf.ts';
import { sessionCookieOf } from './session-cookie.ts';
import { fetchSiteOf, isAllowedOrigin, originOf, type WebSettings } from './web-origin.ts';

/** Lanes that a browser's session reaches, and that answer pages of allowed origins. */
const browserLanes: readonly string[] = ['ui', 'auth', 'admin'];

/** Whether a browser's session means anything in a lane; elsewhere cookies are not even read. */
export function isBrowserLane(lane: RouteDefinition['lane']): boolean {
  return browserLanes.includes(lane);
}

/** Why the page behind a request may not make it; null where it may. A browser sends no Origin with a GET to its own origin: there it says so otherwise. */
function wrongOrigin(request: FastifyRequest, web: WebSettings, withSession: boolean): Refusal | null {
  const origin = originOf(request);
  if (origin !== undefined) {
    if (isAllowedOrigin(origin, request, web)) return null;
    return refuse('E_AUTH_ORIGIN', `pages of ${JSON.stringify(origin)} may not call this server`, {
      next: 'open the page of this server, or have the origin added to web.origins in countersign.yaml',
    });
  }
  const site = fetchSiteOf(request);
  if (site === 'same-origin' && request.method === 'GET') return null;
  // Nothing says that a browser is at work: a program may sign in as well.
  if (site === undefined && !withSession) return null;
  return refuse('E_AUTH_ORIGIN', 'the request does not say from which page it comes', {
    next: 'send Origin; without a browser, use a bearer token',
  });
}

/** Lets pages of allowed origins read the answer. Only browser lanes do so, and never with a wildcard. */
export function allowReading(request: FastifyRequest, reply: FastifyReply, web: WebSettings): void {
  const origin = originOf(request);
  if (web.mode === 'same_origin') return;
  reply.header('vary', 'Origin');
  if (origin === undefined || !isAllowedOrigin(origin, request, web)) return;
  reply
    .header('access-control-allow-origin', origin)
    .header('access-control-allow-credentials', 'true')
    .header('access-control-expose-headers', 'X-Request-Id, RateLimit, RateLimit-Policy, Retry-After');
}

/**
 * The cookie of the session that a request comes with, after everything that a browser's request must show: no bearer token
 * beside it, a page that may call, and with a change the CSRF token of that session. Null where no session came.
 */
export function sessionOf(
  context: Pick<EngineContext, 'vault'>,
  route: RouteDefinition,
  request: FastifyRequest,
  web: WebSettings,
): Outcome<string | null> {
  const cookie = sessionCookieOf(request.headers.cookie);
  // Who signs in has no session yet, or leaves it: what counts is which page it is done from.
  const signingIn = route.lane === 'auth' && route.permission === 'none';
  if (cookie === undefined || signingIn) {
    const wrong = route.lane === 'auth' && route.method !== 'GET' ? wrongOrigin(request, web, false) : null;
    return wrong ?? accept(null);
  }
  if (request.headers.authorization !== undefined) {
    return refuse('E_AUTH_MIXED', 'a session and a bearer token came together', {
      next: 'send one of them: a page its session, a program its token',
    });
  }
  const wrong = wrongOrigin(request, web, true);
  if (wrong !== null) return wrong;
  if (route.method !== 'GET' && !carriesCsrfToken(context, request, cookie)) {
    return refuse('E_AUTH_CSRF', "the request does not carry its session's CSRF token", {
      next: 'ask GET /v1/auth/csrf/bootstrap and send the answer as X-CSRF-Token',
    });
  }
  return accept(cookie);
}

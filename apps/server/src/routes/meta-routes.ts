import { authenticateSession, type EngineContext } from '@countersign/engine';
import type { Flags, MetaView } from '@countersign/protocol';
import { csrfToken } from '../http/csrf.ts';
import { ok } from '../http/handler.ts';
import { sessionCookieOf } from '../http/session-cookie.ts';
import type { WebSettings } from '../http/web-origin.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of what a face asks before anything else. */
export function metaRoutes(
  context: EngineContext,
  flags: Flags,
  web: WebSettings,
): Pick<Handlers, 'meta' | 'csrfBootstrap'> {
  const view: MetaView = {
    product: 'countersign',
    version: context.settings.version,
    flags,
    web: { mode: web.mode },
  };
  return {
    meta: async () => ok(view),
    async csrfBootstrap({ reply }) {
      reply.header('cache-control', 'no-store');
      const cookie = sessionCookieOf(reply.request.headers.cookie);
      const signedIn = cookie !== undefined && (await authenticateSession(context, cookie)).ok;
      return ok({ csrf_token: signedIn ? csrfToken(context, cookie) : null });
    },
  };
}

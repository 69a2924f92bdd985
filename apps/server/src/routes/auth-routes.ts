import {
  beginPasskeySignIn,
  beginProviderSignIn,
  type EngineContext,
  finishProviderSignIn,
  listSessions,
  type OpenedSession,
  offerInvite,
  redeemInvite,
  revokeSession,
  signInWithPasskey,
  signInWithPassword,
  signOut,
} from '@countersign/engine';
import { CodedError } from '@countersign/protocol';
import type { FastifyReply } from 'fastify';
import { type Answer, ok, unwrap } from '../http/handler.ts';
import { providerCookieOf, providerCookieText } from '../http/provider-cookie.ts';
import { endedCookieText, sessionCookieText } from '../http/session-cookie.ts';
import { signInOriginOf } from '../http/sign-in-origin.ts';
import type { WebSettings } from '../http/web-origin.ts';
import type { Handlers } from './handlers.ts';

/** Hands a session's secret to the browser, and nowhere else. */
export function giveSession(
  context: Pick<EngineContext, 'clock'>,
  reply: FastifyReply,
  { secret, expiresAt }: OpenedSession,
  web: WebSettings,
): void {
  reply.header('set-cookie', sessionCookieText(secret, web.mode, expiresAt - context.clock.now()));
  reply.header('cache-control', 'no-store');
}

/** A path of this server, or a page that may call it; anything else would send people to a place of somebody else's. */
function checkedReturn(to: string, web: WebSettings): string {
  if (to.startsWith('/') || web.origins.includes(new URL(to).origin)) return to;
  throw new CodedError('E_VALIDATION', '/return_to: expected a path, or a page of an allowed origin', {
    field: '/return_to',
    next: 'add the origin to web.origins in countersign.yaml',
  });
}

/** Sends a browser to the sign-in page with the reason; programs get the envelope. */
function tellBrowser(reply: FastifyReply, error: unknown): Answer {
  const wantsPage = (reply.request.headers.accept ?? '').includes('text/html');
  if (!(error instanceof CodedError) || !wantsPage) throw error;
  reply.header('location', `/sign-in#error=${error.code}`);
  return { status: 303, body: undefined };
}

type Ids =
  | 'signInChoices'
  | 'inviteOffer'
  | 'inviteRedeem'
  | 'login'
  | 'passkeyLoginBegin'
  | 'passkeyLogin'
  | 'providerLoginBegin'
  | 'providerCallback'
  | 'logout'
  | 'sessionList'
  | 'sessionRevoke';

/** Handlers of signing in and out. */
export function authRoutes(context: EngineContext, web: WebSettings): Pick<Handlers, Ids> {
  const signedIn = (reply: FastifyReply, opened: OpenedSession, status: number): Answer => {
    giveSession(context, reply, opened, web);
    return { status, body: opened.signedIn };
  };
  return {
    async signInChoices() {
      const { providers, settings } = context.signIn;
      return ok({
        password: true,
        passkey: settings.relyingParty !== null,
        providers: providers.map(({ name, label }) => ({ name, label })),
      });
    },
    inviteOffer: async ({ body, reply }) =>
      ok(unwrap(await offerInvite(context, body.invite, signInOriginOf(reply.request)))),
    inviteRedeem: async ({ body, reply }) =>
      signedIn(reply, unwrap(await redeemInvite(context, body, signInOriginOf(reply.request))), 201),
    login: async ({ body, reply }) =>
      signedIn(reply, unwrap(await signInWithPassword(context, body, signInOriginOf(reply.request))), 200),
    passkeyLoginBegin: async ({ reply }) =>
      ok(unwrap(await beginPasskeySignIn(context, signInOriginOf(reply.request)))),
    passkeyLogin: async ({ body, reply }) =>
      signedIn(reply, unwrap(await signInWithPasskey(context, body.response, signInOriginOf(reply.request))), 200),
    async providerLoginBegin({ params, body, reply }) {
      const request = { ...body, return_to: checkedReturn(body.return_to, web) };
      const begun = unwrap(await beginProviderSignIn(context, params.provider, request, signInOriginOf(reply.request)));
      reply.header('set-cookie', providerCookieText(begun.browser, begun.maxAgeMs));
      return ok({ url: begun.url });
    },
    async providerCallback({ params, query, reply }) {
      const { request } = reply;
      const callback = {
        pathAndQuery: request.url,
        state: query.state ?? null,
        browser: providerCookieOf(request.headers.cookie),
      };
      reply.header('set-cookie', providerCookieText('', 0)).header('cache-control', 'no-store');
      try {
        const finished = await finishProviderSignIn(context, params.provider, callback, signInOriginOf(request));
        const { opened, returnTo } = unwrap(finished);
        giveSession(context, reply, opened, web);
        reply.header('location', returnTo);
        return { status: 303, body: undefined };
      } catch (error) {
        return tellBrowser(reply, error);
      }
    },
    async logout({ caller, body, reply }) {
      const sessions = unwrap(await signOut(context, caller, body.everywhere));
      reply.header('set-cookie', endedCookieText(web.mode)).header('cache-control', 'no-store');
      return ok({ sessions });
    },
    sessionList: async ({ caller }) =>
      ok({ sessions: unwrap(await listSessions(context, caller, caller.principal.root)) }),
    sessionRevoke: async ({ caller, params }) => ok(unwrap(await revokeSession(context, caller, params.session_id))),
  };
}

import { z } from 'zod';
import { InviteOffer, InviteSecret } from '../invite/invite.ts';
import { Name, Uuid } from '../scalar/scalar.ts';
import { PasskeyOptions } from '../session/passkey.ts';
import {
  LoggedOut,
  LoginRequest,
  LogoutRequest,
  PasskeyLoginRequest,
  ProviderLogin,
  ProviderLoginRequest,
  RedeemRequest,
  SessionView,
  SignedIn,
  SignInChoices,
} from '../session/session.ts';
import type { RouteDefinition } from './route.ts';

const open = { lane: 'auth', permission: 'none', scope: null, limit: 'auth', reach: 'none' } as const;
const own = { lane: 'auth', permission: 'viewer', scope: null, limit: 'write', reach: 'none' } as const;
const ofProvider = z.strictObject({ provider: Name });

/** Signing in and out. A session's secret travels as a cookie and stands in no body. */
export const authRoutes = {
  signInChoices: {
    ...open,
    method: 'GET',
    path: '/v1/auth/choices',
    summary: 'How people may sign in here.',
    answers: { 200: SignInChoices },
  },
  inviteOffer: {
    ...open,
    method: 'POST',
    path: '/v1/auth/invite',
    summary: 'What a one-time link offers; it stays open.',
    body: z.strictObject({ invite: InviteSecret }),
    answers: { 200: InviteOffer },
  },
  inviteRedeem: {
    ...open,
    method: 'POST',
    path: '/v1/auth/register',
    summary: "Redeems a one-time link with a password of one's own, and signs in.",
    body: RedeemRequest,
    answers: { 201: SignedIn },
  },
  login: {
    ...open,
    method: 'POST',
    path: '/v1/auth/login',
    summary: 'Signs in by name, password and, where the person has one, a code of their authenticator.',
    body: LoginRequest,
    answers: { 200: SignedIn },
  },
  passkeyLoginBegin: {
    ...open,
    method: 'POST',
    path: '/v1/auth/passkey/begin',
    summary: 'A challenge for a sign-in with a passkey.',
    body: z.strictObject({}),
    answers: { 200: PasskeyOptions },
  },
  passkeyLogin: {
    ...open,
    method: 'POST',
    path: '/v1/auth/passkey',
    summary: 'Signs in with what the browser answered to the challenge.',
    body: PasskeyLoginRequest,
    answers: { 200: SignedIn },
  },
  providerLoginBegin: {
    ...open,
    method: 'POST',
    path: '/v1/auth/providers/:provider/begin',
    summary: 'Where the browser goes to sign in at an OpenID provider; sets a cookie by which it is known again.',
    params: ofProvider,
    body: ProviderLoginRequest,
    answers: { 200: ProviderLogin },
  },
  providerCallback: {
    ...open,
    method: 'GET',
    path: '/v1/auth/providers/:provider/callback',
    summary: 'Where the provider sends the browser back to; signs in and sends it on.',
    params: ofProvider,
    query: z.strictObject({
      state: z.string().max(512).optional(),
      code: z.string().max(4096).optional(),
      iss: z.string().max(2048).optional(),
      error: z.string().max(256).optional(),
      error_description: z.string().max(4096).optional(),
      error_uri: z.string().max(2048).optional(),
      session_state: z.string().max(2048).optional(),
      scope: z.string().max(4096).optional(),
      authuser: z.string().max(256).optional(),
      prompt: z.string().max(256).optional(),
      hd: z.string().max(256).optional(),
    }),
    answers: { 303: 'empty' },
  },
  logout: {
    ...own,
    method: 'POST',
    path: '/v1/auth/logout',
    summary: "Ends this session or, everywhere, all of the person's.",
    body: LogoutRequest,
    answers: { 200: LoggedOut },
  },
  sessionList: {
    ...own,
    limit: 'read',
    method: 'GET',
    path: '/v1/auth/sessions',
    summary: "The caller's own sessions.",
    answers: { 200: z.strictObject({ sessions: z.array(SessionView) }) },
  },
  sessionRevoke: {
    ...own,
    method: 'DELETE',
    path: '/v1/auth/sessions/:session_id',
    summary: "Ends one session: one's own, or as an administrator anybody's.",
    params: z.strictObject({ session_id: Uuid }),
    answers: { 200: SessionView },
  },
} as const satisfies Record<string, RouteDefinition>;

import { z } from 'zod';
import { AccountView, PasswordChangeRequest, TotpConfirmRequest, TotpOffer } from '../person/account.ts';
import { PasskeyAddRequest, PasskeyOptions } from '../session/passkey.ts';
import { HostCodeView, StepUpRequest, StepUpView } from '../step-up/step-up.ts';
import type { RouteDefinition } from './route.ts';

const own = { lane: 'ui', permission: 'viewer', scope: null, limit: 'write', reach: 'none' } as const;

/** One's own account, and proving afresh who one is. */
export const accountRoutes = {
  accountGet: {
    ...own,
    limit: 'read',
    method: 'GET',
    path: '/v1/account',
    summary: 'The signed-in person, and how they can prove who they are.',
    answers: { 200: AccountView },
  },
  passwordChange: {
    ...own,
    method: 'PUT',
    path: '/v1/account/password',
    summary: "Sets one's own password and ends every other session.",
    body: PasswordChangeRequest,
    answers: { 200: AccountView },
  },
  totpBegin: {
    ...own,
    method: 'POST',
    path: '/v1/account/totp',
    summary: 'A new secret for an authenticator, shown once.',
    body: z.strictObject({}),
    answers: { 200: TotpOffer },
  },
  totpConfirm: {
    ...own,
    method: 'POST',
    path: '/v1/account/totp/confirm',
    summary: 'Takes the authenticator into use by its first code.',
    body: TotpConfirmRequest,
    answers: { 200: AccountView },
  },
  totpRemove: {
    ...own,
    method: 'DELETE',
    path: '/v1/account/totp',
    summary: 'Takes the authenticator away.',
    answers: { 200: AccountView },
  },
  passkeyBegin: {
    ...own,
    method: 'POST',
    path: '/v1/account/passkeys/begin',
    summary: 'Options with which the browser makes a new passkey.',
    body: z.strictObject({}),
    answers: { 200: PasskeyOptions },
  },
  passkeyAdd: {
    ...own,
    method: 'POST',
    path: '/v1/account/passkeys',
    summary: 'Keeps the passkey that the browser made.',
    body: PasskeyAddRequest,
    answers: { 201: AccountView },
  },
  passkeyRemove: {
    ...own,
    method: 'DELETE',
    path: '/v1/account/passkeys/:passkey_id',
    summary: 'Takes a passkey away.',
    params: z.strictObject({ passkey_id: z.string().max(1400) }),
    answers: { 200: AccountView },
  },
  stepUpGet: {
    ...own,
    limit: 'read',
    method: 'GET',
    path: '/v1/step-up',
    summary: 'How the caller may prove afresh who they are, and whether they have.',
    answers: { 200: StepUpView },
  },
  stepUp: {
    ...own,
    method: 'POST',
    path: '/v1/step-up',
    summary: 'Takes a fresh proof of who the caller is; it counts for five minutes, and a session gets a new secret.',
    body: StepUpRequest,
    answers: { 200: StepUpView },
  },
  stepUpPasskey: {
    ...own,
    method: 'POST',
    path: '/v1/step-up/passkey',
    summary: "A challenge for one of the caller's own passkeys.",
    body: z.strictObject({}),
    answers: { 200: PasskeyOptions },
  },
  stepUpHost: {
    ...own,
    method: 'POST',
    path: '/v1/step-up/host',
    summary: "Writes a one-time code into the server's data folder, for a bearer token alone.",
    body: z.strictObject({}),
    answers: { 200: HostCodeView },
  },
} as const satisfies Record<string, RouteDefinition>;

import type { routes } from '@countersign/protocol';

type Routes = typeof routes;
type AddressOf<Id extends keyof Routes> = `${Routes[Id]['method']} ${Routes[Id]['path']}`;

/** Where the routes are that this page calls; the compiler compares each with the route table. */
export const addresses = {
  meta: 'GET /v1/meta',
  csrfBootstrap: 'GET /v1/auth/csrf/bootstrap',
  whoami: 'GET /v1/whoami',
  opsList: 'GET /v1/ops',
  opsGet: 'GET /v1/ops/:op_id',
  opsConfirmation: 'POST /v1/ops/:op_id/confirmation',
  opsConfirm: 'POST /v1/ops/:op_id/confirm',
  opsApprove: 'POST /v1/ops/:op_id/approve',
  opsReject: 'POST /v1/ops/:op_id/reject',
  opsExecute: 'POST /v1/ops/execute',
  signInChoices: 'GET /v1/auth/choices',
  inviteOffer: 'POST /v1/auth/invite',
  inviteRedeem: 'POST /v1/auth/register',
  login: 'POST /v1/auth/login',
  passkeyLoginBegin: 'POST /v1/auth/passkey/begin',
  passkeyLogin: 'POST /v1/auth/passkey',
  providerLoginBegin: 'POST /v1/auth/providers/:provider/begin',
  logout: 'POST /v1/auth/logout',
  sessionList: 'GET /v1/auth/sessions',
  sessionRevoke: 'DELETE /v1/auth/sessions/:session_id',
  accountGet: 'GET /v1/account',
  totpBegin: 'POST /v1/account/totp',
  totpConfirm: 'POST /v1/account/totp/confirm',
  totpRemove: 'DELETE /v1/account/totp',
  passkeyBegin: 'POST /v1/account/passkeys/begin',
  passkeyAdd: 'POST /v1/account/passkeys',
  passkeyRemove: 'DELETE /v1/account/passkeys/:passkey_id',
  stepUpGet: 'GET /v1/step-up',
  stepUp: 'POST /v1/step-up',
  stepUpPasskey: 'POST /v1/step-up/passkey',
  evidence: 'GET /v1/evidence/:bundle_id',
} as const satisfies { readonly [Id in keyof Routes]?: AddressOf<Id> };

/** A route that this page calls. */
export type Called = keyof typeof addresses;
/** Streams are read apart. */
export const eventsAddress: AddressOf<'opsEvents'> = 'GET /v1/ops/:op_id/events';

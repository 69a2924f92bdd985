import {
  addPasskey,
  beginHostStepUp,
  beginPasskey,
  beginPasskeyStepUp,
  beginTotp,
  changePassword,
  confirmTotp,
  type EngineContext,
  readAccount,
  removePasskey,
  removeTotp,
  stepUp,
  viewStepUp,
} from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import { signInOriginOf } from '../http/sign-in-origin.ts';
import type { WebSettings } from '../http/web-origin.ts';
import { giveSession } from './auth-routes.ts';
import type { Handlers } from './handlers.ts';

type Ids =
  | 'accountGet'
  | 'passwordChange'
  | 'totpBegin'
  | 'totpConfirm'
  | 'totpRemove'
  | 'passkeyBegin'
  | 'passkeyAdd'
  | 'passkeyRemove'
  | 'stepUpGet'
  | 'stepUp'
  | 'stepUpPasskey'
  | 'stepUpHost';

/** Handlers of one's own account, and of proving afresh who one is. */
export function accountRoutes(context: EngineContext, web: WebSettings): Pick<Handlers, Ids> {
  return {
    accountGet: async ({ caller }) => ok(unwrap(await readAccount(context, caller))),
    passwordChange: async ({ caller, body, reply }) =>
      ok(unwrap(await changePassword(context, caller, body, signInOriginOf(reply.request)))),
    async totpBegin({ caller, reply }) {
      reply.header('cache-control', 'no-store');
      return ok(unwrap(await beginTotp(context, caller)));
    },
    totpConfirm: async ({ caller, body }) => ok(unwrap(await confirmTotp(context, caller, body))),
    totpRemove: async ({ caller }) => ok(unwrap(await removeTotp(context, caller))),
    passkeyBegin: async ({ caller }) => ok(unwrap(await beginPasskey(context, caller))),
    passkeyAdd: async ({ caller, body }) => ({ status: 201, body: unwrap(await addPasskey(context, caller, body)) }),
    passkeyRemove: async ({ caller, params }) => ok(unwrap(await removePasskey(context, caller, params.passkey_id))),
    stepUpGet: async ({ caller }) => ok(unwrap(await viewStepUp(context, caller))),
    async stepUp({ caller, body, reply }) {
      const { view, renewed } = unwrap(await stepUp(context, caller, body, signInOriginOf(reply.request)));
      if (renewed !== null) giveSession(context, reply, renewed, web);
      return ok(view);
    },
    stepUpPasskey: async ({ caller }) => ok(unwrap(await beginPasskeyStepUp(context, caller))),
    stepUpHost: async ({ caller }) => ok(unwrap(await beginHostStepUp(context, caller))),
  };
}

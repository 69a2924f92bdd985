import { createToken, type EngineContext, listTokens, revokeToken, setPanic } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of tokens, of the caller's own identity, and of panic mode. */
export function tokenRoutes(
  context: EngineContext,
): Pick<Handlers, 'whoami' | 'tokenList' | 'tokenCreate' | 'tokenRevoke' | 'panicSet'> {
  return {
    whoami: async ({ caller }) => ok(caller.principal),
    tokenList: async ({ caller }) => ok({ tokens: await listTokens(context, caller) }),
    tokenCreate: async ({ caller, body }) => ({
      status: 201,
      body: unwrap(await createToken(context, caller, body)),
    }),
    tokenRevoke: async ({ caller, params }) => ok(unwrap(await revokeToken(context, caller, params.token_id))),
    async panicSet({ caller, body }) {
      unwrap(await setPanic(context, caller, body.on, body.reason));
      return ok({ on: body.on });
    },
  };
}

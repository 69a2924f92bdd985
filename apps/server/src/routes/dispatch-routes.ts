import { claimDispatch, type EngineContext, finishDispatch, keepDispatch, reportDispatch } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of what agents outside ask and say. */
export function dispatchRoutes(
  context: EngineContext,
): Pick<Handlers, 'dispatchClaim' | 'dispatchHeartbeat' | 'dispatchReport' | 'dispatchFinish'> {
  return {
    async dispatchClaim({ caller, body, idempotencyKey, signal }) {
      const claim = { waitMs: body.wait_ms, requestId: body.request_id ?? idempotencyKey };
      return ok({ dispatch: unwrap(await claimDispatch(context, caller, claim, signal)) });
    },
    dispatchHeartbeat: async ({ caller, params, body }) =>
      ok(unwrap(await keepDispatch(context, caller, params.run_id, body.lease))),
    dispatchReport: async ({ caller, params, body }) =>
      ok(unwrap(await reportDispatch(context, caller, params.run_id, body))),
    dispatchFinish: async ({ caller, params, body }) =>
      ok(unwrap(await finishDispatch(context, caller, params.run_id, body))),
  };
}

import { claimDispatch, type EngineContext, finishDispatch, keepDispatch, reportDispatch } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of what agents outside ask and say. */
export function dispatchRoutes(
  context: EngineContext,
): Pick<Handlers, 'dispatchClaim' | 'dispatchHeartbeat' | 'dispatchReport' | 'dispatchFinish'> {
  return {
    dispatchClaim: async ({ caller, body, signal }) =>
      ok({ dispatch: unwrap(await claimDispatch(context, caller, body.wait_ms, signal)) }),
    dispatchHeartbeat: async ({ caller, params, body }) =>
      ok(unwrap(await keepDispatch(context, caller, params.run_id, body.lease))),
    dispatchReport: async ({ caller, params, body }) =>
      ok(unwrap(await reportDispatch(context, caller, params.run_id, body))),
    dispatchFinish: async ({ caller, params, body }) =>
      ok(unwrap(await finishDispatch(context, caller, params.run_id, body))),
  };
}

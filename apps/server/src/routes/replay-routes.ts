import { type EngineContext, replayEvidence, viewReplay, waitForOperation } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

const defaultWaitMs = 10_000;

/** Handlers of replays. */
export function replayRoutes(context: EngineContext): Pick<Handlers, 'evidenceReplay' | 'replayGet'> {
  return {
    async evidenceReplay({ caller, params, body, idempotencyKey, waitMs, signal }) {
      const requestId = body.request_id ?? idempotencyKey;
      const replayId = unwrap(await replayEvidence(context, caller, params.bundle_id, requestId));
      const ended = await waitForOperation(
        context,
        replayId,
        waitMs ?? defaultWaitMs,
        async (_reads, { state }) => state === 'closed',
        signal,
      );
      return { status: ended ? 200 : 202, body: unwrap(await viewReplay(context, caller, replayId)) };
    },
    replayGet: async ({ caller, params }) => ok(unwrap(await viewReplay(context, caller, params.replay_id))),
  };
}

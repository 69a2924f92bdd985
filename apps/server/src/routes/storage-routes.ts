import { actorOf, type EngineContext } from '@countersign/engine';
import { ok } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of storage and retention. */
export function storageRoutes(context: EngineContext): Pick<Handlers, 'storage' | 'retentionApply'> {
  return {
    storage: async () => ok(await context.retention.view(context)),
    retentionApply: async ({ caller }) =>
      ok(
        await context.retention.apply(context, {
          actor: actorOf(caller.principal),
          correlationId: caller.correlationId,
        }),
      ),
  };
}

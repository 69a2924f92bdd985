import { type EngineContext, sees } from '@countersign/engine';
import { runIdOf } from '@countersign/protocol';
import { ok } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of targets. */
export function targetRoutes(context: EngineContext): Pick<Handlers, 'targets'> {
  return {
    async targets({ caller }) {
      const targets = await context.store.read(async (reads) => {
        const locks = await reads.locks.all();
        return await Promise.all(
          context.targets
            .filter((target) => sees(caller, target))
            .map(async (target) => {
              const workers = (await context.catalogue.serving(reads, target)).map(({ worker }) => worker);
              const lock = locks.find((held) => held.target === target.name);
              const lockedBy = lock === undefined ? null : { op_id: lock.operationId, run_id: runIdOf(lock.runId) };
              return { ...target, served: workers.length > 0, workers, lockedBy };
            }),
        );
      });
      return ok({ targets });
    },
  };
}

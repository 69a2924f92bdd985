import {
  addTarget,
  changeTarget,
  type EngineContext,
  managedTarget,
  readTargetInventory,
  removeTarget,
  sees,
  testTarget,
} from '@countersign/engine';
import { runIdOf } from '@countersign/protocol';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

type Noun = Pick<
  Handlers,
  'targets' | 'targetAdd' | 'targetSettings' | 'targetChange' | 'targetRemove' | 'targetTest' | 'targetInventory'
>;

/** Handlers of targets. */
export function targetRoutes(context: EngineContext): Noun {
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
    targetAdd: async ({ caller, body }) => ({ status: 201, body: unwrap(await addTarget(context, caller, body)) }),
    targetSettings: async ({ params }) => ok(unwrap(await managedTarget(context, params.target))),
    targetChange: async ({ caller, params, body }) =>
      ok(unwrap(await changeTarget(context, caller, params.target, body))),
    targetRemove: async ({ caller, params }) => ok(unwrap(await removeTarget(context, caller, params.target))),
    targetInventory: async ({ caller, params, body, signal }) =>
      ok(
        unwrap(
          await readTargetInventory(context, caller, { target: params.target, maxAgeMs: body.max_age_ms }, signal),
        ),
      ),
    targetTest: async ({ caller, params }) => ok(unwrap(await testTarget(context, caller, params.target))),
  };
}

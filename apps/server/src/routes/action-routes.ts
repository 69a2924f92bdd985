import { type EngineContext, executeAction, readOperation, viewAction, waitForOperation } from '@countersign/engine';
import { type Operation, type Reads, runEnded } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import { type Answer, type Call, ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

const defaultWaitMs = 10_000;

/** Handlers of the typed action lane. */
export function actionRoutes(context: EngineContext): Pick<Handlers, 'actions' | 'actionExecute' | 'actionStatus'> {
  const catalogue = () => context.store.read((reads) => context.catalogue.actions(reads));
  const answer = async (call: Call, requestId: string, opId: string) => {
    const view = unwrap(await readOperation(context, call.caller, opId));
    return viewAction(
      requestId,
      view,
      (await catalogue()).find((known) => known.name === view.steps[0]?.action),
    );
  };
  return {
    actions: async () => ok({ actions: await catalogue() }),
    async actionExecute(call): Promise<Answer> {
      const opId = unwrap(await executeAction(context, call.caller, call.body));
      const waitMs = call.body.wait_ms ?? call.waitMs ?? defaultWaitMs;
      const ended = async (reads: Reads, operation: Operation): Promise<boolean> => {
        if (operation.state === 'closed') return true;
        if (operation.state !== 'planned') return false;
        const run = await reads.runs.byOperation(operation.id);
        return run === null ? operation.effect !== 'read' : runEnded(run.state) || run.state === 'outcome_unknown';
      };
      const settled = await waitForOperation(context, opId, waitMs, ended, call.signal);
      return { status: settled ? 200 : 202, body: await answer(call, call.body.request_id, opId) };
    },
    async actionStatus(call) {
      const { request_id: requestId } = call.params;
      const record = await context.store.read((reads) =>
        reads.idempotency.get(call.caller.principal.id, 'actions.execute', requestId),
      );
      if (record === null) {
        throw new CodedError('E_NOT_FOUND', `you have no action with request id "${requestId}"`, {
          next: 'use the request_id of your own call',
        });
      }
      return ok(await answer(call, requestId, record.operationId));
    },
  };
}

import { type ActionExecuteRequest, JsonObject, type Outcome } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { findKey } from '../operation/idempotency-key.ts';
import { prepareOperation, refuseReserved } from '../operation/prepare-operation.ts';
import { proposeOperation } from '../operation/propose-operation.ts';
import { executeRead } from './execute-read.ts';

/** The typed action lane: a read runs, a change is planned and runs as soon as policy allows it. */
export async function executeAction(
  context: EngineContext,
  caller: Caller,
  request: ActionExecuteRequest,
): Promise<Outcome<string>> {
  const reserved = refuseReserved(request.action);
  if (!reserved.ok) return reserved;
  const { target, project, environment } = request;
  const selector = {
    ...(target === undefined ? {} : { target }),
    ...(project === undefined ? {} : { project }),
    ...(environment === undefined ? {} : { environment }),
  };
  const steps = [{ action: request.action, inputs: request.inputs }];
  const { wait_ms: _waitMs, request_id: _requestId, ...meant } = request;
  const idempotency = { route: 'actions.execute', key: request.request_id, body: JsonObject.parse(meant) };
  const standing = await context.store.read((reads) => findKey(context, reads, caller, idempotency));
  if (standing !== null) return standing;
  const prepared = await prepareOperation(context, caller, selector, steps);
  if (!prepared.ok) return prepared;
  if (prepared.value.actions.every((action) => action.effect === 'read')) {
    return await executeRead(context, caller, prepared.value, idempotency);
  }
  return await proposeOperation(context, caller, {
    selector,
    steps,
    start: 'when_allowed',
    note: '',
    plannedBy: null,
    origin: 'action',
    rollbackOf: null,
    idempotency,
  });
}

import { type Run, runEnded, type Unit } from '@countersign/kernel';
import { accept, type Outcome, type Refusal, refuse } from '@countersign/protocol';
import { operationSubject, recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { refuseMember } from '../group/refuse-member.ts';
import { lockOperation, notFound } from '../operation/find-operation.ts';
import { claimKey, findKey, type IdempotencyKey } from '../operation/idempotency-key.ts';
import { checkStart, type StartRequest } from './check-start.ts';
import { createRun } from './create-run.ts';

/** An operation has one run. */
export function refuseSecondRun({ state }: Run): Refusal {
  return refuse('E_STATE', `the operation has its one run already (${runEnded(state) ? 'ended' : 'under way'})`, {
    next: 'to do it again, propose a new operation',
  });
}

function keyOf({ opId, digest, requestId }: StartRequest): IdempotencyKey | null {
  if (requestId === undefined) return null;
  return { route: 'ops.execute', key: requestId, body: { op_id: opId, ...(digest === undefined ? {} : { digest }) } };
}

async function start(context: EngineContext, unit: Unit, caller: Caller, request: StartRequest): Promise<Outcome<Run>> {
  const found = await lockOperation(unit, caller, request.opId, 'actions');
  if (!found.ok) return found;
  const operation = found.value;
  if (operation.effect === 'read') return notFound(request.opId);
  const key = keyOf(request);
  const existing = await unit.runs.byOperation(operation.id);
  if (existing !== null) {
    const standing = await findKey(context, unit, caller, key);
    if (standing !== null && !standing.ok) return standing;
    if (standing?.value === operation.id) return accept(existing);
    return refuseSecondRun(existing);
  }
  const alone = await refuseMember(unit, operation);
  if (!alone.ok) return alone;
  const plan = await checkStart(context, unit, caller, request, operation, 'now');
  if (!plan.ok) return plan;
  if (key !== null) {
    const claimed = await claimKey(context, unit, caller, operation.id, key);
    if (!claimed.ok) return claimed;
  }
  return accept(await createRun(context, unit, operation, plan.value, actorOf(caller.principal), caller.correlationId));
}

/** Starts the one run of an operation that policy allows now. The same request id answers the same run. */
export async function startRun(context: EngineContext, caller: Caller, request: StartRequest): Promise<Outcome<Run>> {
  const result = await commit(context, 'start', async (unit) => {
    const started = await start(context, unit, caller, request);
    return started;
  });
  if (!result.ok && result.code !== 'E_NOT_FOUND') await recordRefusal(context, caller, request.opId, result);
  return result;
}

async function recordRefusal(context: EngineContext, caller: Caller, opId: string, refusal: Refusal): Promise<void> {
  await recordAlone(context, {
    event: 'run.refused',
    actor: actorOf(caller.principal),
    subject: operationSubject(opId),
    outcome: 'refused',
    correlationId: caller.correlationId,
    detail: { code: refusal.code, message: refusal.message },
  });
}

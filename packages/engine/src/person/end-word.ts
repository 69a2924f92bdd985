import type { Unit } from '@countersign/kernel';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { isUnreadable, waitingOperations } from '../operation/waiting-operations.ts';
import { notRedecided, redecide } from '../policy/redecide-waiting.ts';

/** What of a person's word counts no more. */
export interface EndedWord {
  /** Decisions that were void from then on. */
  readonly approvals: number;
  /** Operations that wait for somebody's word instead of starting by themselves. */
  readonly held: number;
}

/** Operations that this person or an agent of theirs proposed and that would start by themselves. */
async function startingFor(unit: Unit, root: string): Promise<string[]> {
  const starting: string[] = [];
  const states = ['planning', 'planned'] as const;
  for await (const id of waitingOperations((query) => query(unit), { states, start: 'when_allowed' })) {
    try {
      if ((await unit.operations.get(id))?.requester.root === root) starting.push(id);
    } catch (error) {
      // Nothing that cannot be read starts.
      if (!isUnreadable(error)) throw error;
    }
  }
  return starting;
}

/** Whether the operation was still to start by itself, and does no more. */
async function holdBack(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  opId: string,
  root: string,
): Promise<boolean> {
  const operation = await unit.operations.get(opId);
  if (operation === null || operation.requester.root !== root || operation.start !== 'when_allowed') return false;
  if (operation.state === 'closed' || (await unit.runs.byOperation(opId)) !== null) return false;
  await unit.operations.save({ ...operation, start: 'manual', updatedAt: context.clock.now() });
  await recordAudit(context, unit, {
    event: 'operation.held_back',
    actor: actorOf(caller.principal),
    subject: operationSubject(opId),
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: { disabled: root },
  });
  return true;
}

/**
 * Ends what a person's word carries, in the unit that disables them: their live decisions are void and what leant on them is
 * decided anew; what they proposed no longer starts by itself. What runs goes on. An operation that cannot be read is told of
 * in the audit and stands in nobody's way.
 */
export async function endWordOf(context: EngineContext, unit: Unit, caller: Caller, root: string): Promise<EndedWord> {
  let approvals = 0;
  let held = 0;
  const ids = new Set([...(await unit.approvals.waitingOn(root)), ...(await startingFor(unit, root))]);
  // Always in one order, so that two units that lock several wait for each other and not both.
  for (const opId of [...ids].sort()) {
    const actor = actorOf(caller.principal);
    try {
      await unit.operations.lock(opId);
      approvals += await unit.approvals.voidOf(opId, root, context.clock.now());
      if (await holdBack(context, unit, caller, opId, root)) held += 1;
      await redecide(context, unit, opId, actor, caller.correlationId);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      await recordAudit(context, unit, notRedecided(context, opId, actor, caller.correlationId, error));
    }
  }
  return { approvals, held };
}

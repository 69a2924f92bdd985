import type { Unit } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import { announceWaiting } from '../approval/announce-waiting.ts';
import { type AuditFact, operationSubject, placeOf, recordAlone, recordAudit } from '../audit/record-audit.ts';
import type { Actor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { decideRun } from '../operation/decide-verdict.ts';
import { waitingOperations } from '../operation/waiting-operations.ts';
import { wholePlan } from '../plan/whole-plan.ts';
import { emit } from '../stream/operation-stream.ts';

/** Decides one waiting operation anew, in the unit of whatever is the reason; false where that changes nothing, or it does not wait any more. */
export async function redecide(
  context: EngineContext,
  unit: Unit,
  opId: string,
  actor: Actor,
  correlationId: string,
): Promise<boolean> {
  const operation = await unit.operations.lock(opId);
  if (operation === null || operation.state !== 'planned' || operation.effect === 'read') return false;
  if ((await unit.runs.byOperation(opId)) !== null) return false;
  const whole = await wholePlan(context, unit, operation);
  if (!whole.ok) return false;
  const { verdict, digest } = await decideRun(context, unit, operation, whole.value);
  if (digest === operation.verdictDigest) return false;
  const before = operation.verdict?.decision ?? null;
  await unit.operations.save({ ...operation, verdict, verdictDigest: digest, updatedAt: context.clock.now() });
  await recordAudit(context, unit, {
    event: 'operation.redecided',
    actor,
    subject: operationSubject(opId),
    outcome: verdict.decision === 'deny' ? 'refused' : 'ok',
    correlationId,
    detail: {
      ...placeOf(operation),
      before,
      decision: verdict.decision,
      policies: verdict.policies.map(({ id }) => id),
      policy_set: verdict.policy_set,
    },
  });
  if (before !== 'needs') await announceWaiting(context, unit, operation, whole.value, verdict);
  const state = verdict.decision === 'allow' ? 'ready' : verdict.decision === 'deny' ? 'denied' : 'planned';
  await emit(context, unit, opId, [{ type: 'state', subject: 'operation', state, detail: { reason: verdict.reason } }]);
  return true;
}

/** What a sweep over all that waits came to. */
export interface Redecided {
  /** How many verdicts are others now. */
  readonly changed: number;
  /** How many operations could not be decided anew; each is told of in the audit. */
  readonly failed: number;
}

/**
 * Decides every operation that has a plan and no run anew, each in a unit of its own; one that cannot be decided stands in
 * nobody's way. What became allowed waits for somebody's word: new policies set nothing loose. What is denied stays open, so
 * that policies that are mended bring it back.
 */
export async function redecideWaiting(context: EngineContext, actor: Actor, correlationId: string): Promise<Redecided> {
  let changed = 0;
  let failed = 0;
  const waiting = waitingOperations((query) => context.store.read(query), { states: ['planned'] });
  for await (const id of waiting) {
    const unit = (open: Unit) => redecide(context, open, id, actor, correlationId);
    try {
      if (await commit(context, 'redecide', unit, (mattered) => mattered)) changed += 1;
    } catch (error) {
      failed += 1;
      // Throws where nothing can be written at all: then the sweep is over, and is taken up again later.
      await recordAlone(context, notRedecided(context, id, actor, correlationId, error));
    }
  }
  return { changed, failed };
}

/** An operation that could not be decided anew, and why. */
export function notRedecided(
  context: EngineContext,
  opId: string,
  actor: Actor,
  correlationId: string,
  error: unknown,
): AuditFact {
  return {
    event: 'operation.redecided',
    actor,
    subject: operationSubject(opId),
    outcome: 'failed',
    correlationId,
    detail: { code: error instanceof CodedError ? error.code : 'E_INTERNAL', policy_set: context.decider.version },
  };
}

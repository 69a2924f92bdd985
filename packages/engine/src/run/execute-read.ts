import type { Operation, Unit } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import { placeOf, recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller, requesterOf } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { labelsOf } from '../meter/work-meter.ts';
import { decideProposal } from '../operation/decide-verdict.ts';
import { claimKey, type IdempotencyKey } from '../operation/idempotency-key.ts';
import type { PreparedOperation } from '../operation/prepare-operation.ts';
import { strictest } from '../operation/strictest.ts';
import { newRun } from './create-run.ts';
import { enqueue } from './enqueue.ts';

/** The operation that a read would be, where policy lets this caller do it. A denial leaves an entry. */
export async function admitRead(
  context: EngineContext,
  caller: Caller,
  prepared: PreparedOperation,
  groupId: string | null = null,
): Promise<Outcome<Operation>> {
  const { verdict, digest } = decideProposal(context, caller, 'read', prepared);
  if (verdict.decision !== 'allow') {
    await recordAlone(context, {
      event: 'operation.denied',
      actor: actorOf(caller.principal),
      subject: { kind: 'target', id: prepared.target.name },
      outcome: 'refused',
      correlationId: caller.correlationId,
      detail: {
        ...placeOf(prepared),
        actions: prepared.actions.map((action) => action.name),
        policies: verdict.policies.map((policy) => policy.id),
        reason: verdict.reason,
      },
    });
    context.workMeter.tell({ fact: 'refused', ...labelsOf(prepared), phase: 'read' });
    return refuse('E_POLICY_DENIED', verdict.reason, { verdict, next: 'ask an administrator what your role may do' });
  }
  const now = context.clock.now();
  return accept({
    id: context.ids.next(),
    bundleId: context.ids.next(),
    state: 'planned',
    closedReason: null,
    ...strictest(prepared.actions),
    origin: 'action',
    target: prepared.target,
    steps: prepared.steps,
    start: 'when_allowed',
    note: '',
    requester: requesterOf(caller.principal, prepared.target),
    plannedBy: null,
    revision: 0,
    verdict,
    verdictDigest: digest,
    rollbackOf: null,
    groupId,
    correlationId: caller.correlationId,
    createdAt: now,
    updatedAt: now,
  });
}

/** Writes a read with its run and job. It has no effect to intend, apply or verify, so it has no step rows. */
export async function insertRead(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  sealed: PreparedOperation['sealed'],
): Promise<void> {
  const { id: operationId, createdAt, verdict, verdictDigest } = operation;
  await unit.operations.insert(operation);
  for (const value of sealed) await unit.sealed.put({ ...value, operationId, createdAt });
  const { run } = newRun(context, operation, null);
  await unit.runs.insert({ ...run, verdict, verdictDigest }, []);
  await enqueue(context, unit, { kind: 'read', operation });
}

/** Starts a read action: decided, run, one audit entry at its end; no plan, approval or bundle. */
export async function executeRead(
  context: EngineContext,
  caller: Caller,
  prepared: PreparedOperation,
  idempotency: IdempotencyKey,
): Promise<Outcome<string>> {
  const admitted = await admitRead(context, caller, prepared);
  if (!admitted.ok) return admitted;
  const operation = admitted.value;
  return await commit(context, 'read', async (unit) => {
    const standing = await claimKey(context, unit, caller, operation.id, idempotency);
    if (!standing.ok || standing.value !== operation.id) return standing;
    await insertRead(context, unit, operation, prepared.sealed);
    return accept(operation.id);
  });
}

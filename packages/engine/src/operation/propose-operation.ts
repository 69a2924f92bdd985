import { moveOperation, type Operation, type Unit } from '@countersign/kernel';
import {
  accept,
  type Outcome,
  type PlannedBy,
  type StartMode,
  type StepInput,
  type TargetSelector,
} from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller, requesterOf } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { enqueue } from '../run/enqueue.ts';
import { emit } from '../stream/operation-stream.ts';
import { admitProposal, withoutSecrets } from './admit-proposal.ts';
import { claimKey, findKey, type IdempotencyKey } from './idempotency-key.ts';
import { type PreparedOperation, prepareOperation } from './prepare-operation.ts';
import { strictest } from './strictest.ts';

export interface Proposal {
  readonly selector: TargetSelector;
  readonly steps: readonly StepInput[];
  readonly start: StartMode;
  readonly note: string;
  /** The planner whose answer the steps are from; null where somebody wrote them. */
  readonly plannedBy: PlannedBy | null;
  readonly origin: Operation['origin'];
  readonly rollbackOf: string | null;
  readonly idempotency: IdempotencyKey | null;
}

function draftOf(context: EngineContext, caller: Caller, proposal: Proposal, prepared: PreparedOperation): Operation {
  const now = context.clock.now();
  const requester = requesterOf(caller.principal, prepared.target);
  const { plannedBy } = proposal;
  return {
    id: context.ids.next(),
    bundleId: context.ids.next(),
    state: 'draft',
    closedReason: null,
    ...strictest(prepared.actions),
    origin: proposal.origin,
    target: prepared.target,
    steps: prepared.steps,
    start: proposal.start,
    note: withoutSecrets(proposal.note),
    // Steps that a model wrote are an AI's, whoever hands them in: a person confirms their plan in every tier.
    requester: { ...requester, ai: requester.ai || plannedBy?.planner === 'model' },
    plannedBy,
    revision: 0,
    verdict: null,
    verdictDigest: null,
    rollbackOf: proposal.rollbackOf,
    correlationId: caller.correlationId,
    createdAt: now,
    updatedAt: now,
  };
}

async function insertOperation(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  draft: Operation,
  prepared: PreparedOperation,
): Promise<void> {
  const planning = moveOperation(draft, 'planning', { updatedAt: draft.createdAt });
  await unit.operations.insert(planning);
  for (const value of prepared.sealed) {
    await unit.sealed.put({ ...value, operationId: draft.id, createdAt: draft.createdAt });
  }
  await enqueue(context, unit, { kind: 'plan', operation: planning });
  await recordAudit(context, unit, {
    event: 'operation.proposed',
    actor: actorOf(caller.principal),
    subject: operationSubject(draft.id),
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: {
      target: draft.target.name,
      environment: draft.target.environment,
      actions: draft.steps.map((step) => step.action),
      bundle_id: draft.bundleId,
      ...(draft.rollbackOf === null ? {} : { rollback_of: draft.rollbackOf }),
      ...(draft.plannedBy === null ? {} : { planned_by: draft.plannedBy }),
    },
  });
  await emit(context, unit, draft.id, [{ type: 'state', subject: 'operation', state: 'planning' }]);
}

/** Creates an operation and its plan job, or answers the one that the request id made before. */
export async function proposeOperation(
  context: EngineContext,
  caller: Caller,
  proposal: Proposal,
): Promise<Outcome<string>> {
  const standing = await context.store.read((reads) => findKey(context, reads, caller, proposal.idempotency));
  if (standing !== null) return standing;
  const prepared = await prepareOperation(context, caller, proposal.selector, proposal.steps);
  if (!prepared.ok) return prepared;
  const admitted = await admitProposal(context, caller, prepared.value);
  if (!admitted.ok) return admitted;
  const draft = draftOf(context, caller, proposal, prepared.value);
  const result = await commit(context, 'propose', async (unit) => {
    if (proposal.idempotency !== null) {
      const claimed = await claimKey(context, unit, caller, draft.id, proposal.idempotency);
      if (!claimed.ok || claimed.value !== draft.id) return claimed;
    }
    await insertOperation(context, unit, caller, draft, prepared.value);
    return accept(draft.id);
  });
  return result;
}

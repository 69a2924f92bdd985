import { type Generation, moveOperation, type Operation, type Unit } from '@countersign/kernel';
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
import { beginPlan } from '../plan/begin-plan.ts';
import { plannedBy } from '../planner/model-mark.ts';
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
  /** The prompt that it was made from; it is kept beside the operation. */
  readonly prompt?: string;
  readonly idempotency: IdempotencyKey | null;
}

/** The row of a proposal that was prepared and admitted, in state `draft`. */
export function newOperation(
  context: EngineContext,
  caller: Caller,
  proposal: Pick<Proposal, 'start' | 'note' | 'plannedBy' | 'origin' | 'rollbackOf'>,
  prepared: PreparedOperation,
  groupId: string | null = null,
): Operation {
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
    groupId,
    correlationId: caller.correlationId,
    createdAt: now,
    updatedAt: now,
  };
}

/** Writes a new operation, its secrets, the prompt it came from and its audit entry. Nothing is planned by this. */
export async function insertOperation(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  operation: Operation,
  sealed: PreparedOperation['sealed'],
  from: { readonly prompt: string; readonly generation: Generation | null } | null,
): Promise<void> {
  const { id: operationId, createdAt } = operation;
  await unit.operations.insert(operation);
  for (const value of sealed) await unit.sealed.put({ ...value, operationId, createdAt });
  if (from !== null) {
    const { prompt, generation } = from;
    await unit.drafts.insert({ operationId, prompt: withoutSecrets(prompt), generation, createdAt });
  }
  const asked = from?.generation ?? null;
  await recordAudit(context, unit, {
    event: 'operation.proposed',
    actor: actorOf(caller.principal),
    subject: operationSubject(operationId),
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: {
      target: operation.target.name,
      environment: operation.target.environment,
      actions: operation.steps.map((step) => step.action),
      bundle_id: operation.bundleId,
      ...(operation.rollbackOf === null ? {} : { rollback_of: operation.rollbackOf }),
      ...(operation.plannedBy === null ? {} : { planned_by: operation.plannedBy }),
      ...(operation.groupId === null ? {} : { group_id: operation.groupId }),
      ...(asked === null ? {} : { generated_by: asked.provider, command: asked.command }),
    },
  });
  await emit(context, unit, operationId, [{ type: 'state', subject: 'operation', state: operation.state }]);
}

/** Writes a new operation and has it planned. */
export async function insertPlanned(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  operation: Operation,
  sealed: PreparedOperation['sealed'],
  prompt: string | null = null,
): Promise<void> {
  const planning = moveOperation(operation, 'planning', { updatedAt: operation.createdAt });
  const from = prompt === null ? null : { prompt, generation: null };
  await insertOperation(context, unit, caller, planning, sealed, from);
  await beginPlan(context, unit, planning);
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
  const by = plannedBy(context, proposal.idempotency?.key, proposal.plannedBy);
  const operation = newOperation(context, caller, { ...proposal, plannedBy: by }, prepared.value);
  const result = await commit(context, 'propose', async (unit) => {
    if (proposal.idempotency !== null) {
      const claimed = await claimKey(context, unit, caller, operation.id, proposal.idempotency);
      if (!claimed.ok || claimed.value !== operation.id) return claimed;
    }
    await insertPlanned(context, unit, caller, operation, prepared.value.sealed, proposal.prompt);
    return accept(operation.id);
  });
  return result;
}

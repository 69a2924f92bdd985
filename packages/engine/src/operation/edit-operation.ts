import { moveOperation, type Operation, type Unit } from '@countersign/kernel';
import { accept, type Outcome, refuse, type StepInput } from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller, requesterOf } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { generateTopic } from '../context/wake-ups.ts';
import { refuseOtherSteps } from '../group/refuse-member.ts';
import { beginPlan } from '../plan/begin-plan.ts';
import { emit } from '../stream/operation-stream.ts';
import { admitProposal, withoutSecrets } from './admit-proposal.ts';
import { findOperation, holdsRole, lockOperation } from './find-operation.ts';
import { prepareOperation } from './prepare-operation.ts';
import { strictest } from './strictest.ts';

/** Has an operation planned that was written again; its audit entry stands before. */
async function planAnew(context: EngineContext, unit: Unit, operation: Operation): Promise<void> {
  await unit.jobs.finishAll(operation.id, ['plan', 'generate']);
  await unit.operations.save(operation);
  await emit(context, unit, operation.id, [{ type: 'state', subject: 'operation', state: 'planning' }]);
  await beginPlan(context, unit, operation);
}

async function editable(unit: Unit, opId: string, caller: Caller): Promise<Outcome<Operation>> {
  const found = await lockOperation(unit, caller, opId, 'actions');
  if (!found.ok) return found;
  const operation = found.value;
  if (operation.requester.root !== caller.principal.root && !holdsRole(caller, operation.target, 'admin').ok) {
    return refuse('E_AUTH_FORBIDDEN', 'only whoever proposed an operation may change or plan it again', {
      next: 'propose your own',
    });
  }
  if (operation.state === 'closed' || (await unit.runs.byOperation(opId)) !== null) {
    return refuse('E_STATE', 'the operation has run or is closed; it cannot change any more', {
      next: 'propose a new operation',
    });
  }
  return accept(operation);
}

/** The prompt of an edited draft; whoever takes over from a provider that is still writing, or failed, writes it themselves. */
async function editDraft({ wake }: EngineContext, unit: Unit, opId: string, prompt: string | undefined): Promise<void> {
  const draft = await unit.drafts.get(opId);
  if (draft === null) return;
  const generation = draft.generation?.state === 'done' ? draft.generation : null;
  if (draft.generation?.state === 'running') unit.afterCommit(() => wake.notify(generateTopic));
  await unit.drafts.save({
    ...draft,
    generation,
    prompt: prompt === undefined ? draft.prompt : withoutSecrets(prompt),
  });
}

/** Replaces the steps of an operation that has not run, and the prompt of a draft. Its plan and every approval are void. */
export async function editOperation(
  context: EngineContext,
  caller: Caller,
  opId: string,
  {
    steps,
    revision,
    prompt,
  }: { steps: readonly StepInput[]; revision: number | undefined; prompt?: string | undefined },
): Promise<Outcome<string>> {
  const current = await context.store.read((reads) => findOperation(reads, caller, opId, 'actions'));
  if (!current.ok) return current;
  const { name: target, project, environment } = current.value.target;
  const prepared = await prepareOperation(context, caller, { target, project, environment }, steps);
  if (!prepared.ok) return prepared;
  const admitted = await admitProposal(context, caller, prepared.value);
  if (!admitted.ok) return admitted;
  const { effect, risk } = strictest(prepared.value.actions);
  return await commit(context, 'edit', async (unit) => {
    const found = await editable(unit, opId, caller);
    if (!found.ok) return found;
    const inGroup = await refuseOtherSteps(unit, found.value);
    if (!inGroup.ok) return inGroup;
    if (revision !== undefined && revision !== found.value.revision) {
      return refuse('E_REVISION', `the operation is at revision ${found.value.revision}, not ${revision}`, {
        field: 'revision',
        next: 'read it again, then edit what is there now',
      });
    }
    const now = context.clock.now();
    for (const value of prepared.value.sealed) await unit.sealed.put({ ...value, operationId: opId, createdAt: now });
    await unit.approvals.void(opId, null, now);
    const { principal, correlationId } = caller;
    // Whoever wrote the steps is their requester: nobody approves their own words, and what an AI touched stays an AI's.
    const requester = { ...requesterOf(principal, found.value.target), ai: principal.ai || found.value.requester.ai };
    const edited = moveOperation(found.value, 'planning', {
      requester,
      // Other steps no longer undo what a rollback was made for.
      rollbackOf: null,
      origin: 'api',
      steps: prepared.value.steps,
      effect,
      risk,
      verdict: null,
      verdictDigest: null,
      updatedAt: now,
    });
    await editDraft(context, unit, opId, prompt);
    await recordAudit(context, unit, {
      event: 'operation.edited',
      actor: actorOf(principal),
      subject: operationSubject(opId),
      outcome: 'ok',
      correlationId,
      detail: { actions: edited.steps.map((step) => step.action), voided_revision: found.value.revision },
    });
    await planAnew(context, unit, edited);
    return accept(opId);
  });
}

/** Plans again from the target's state now. A plan with an equal digest keeps its approvals and their first expiry. */
export async function replanOperation(context: EngineContext, caller: Caller, opId: string): Promise<Outcome<string>> {
  return await commit(context, 'replan', async (unit) => {
    const found = await editable(unit, opId, caller);
    if (!found.ok) return found;
    if (found.value.state === 'draft') {
      return refuse('E_STATE', 'there is nothing to plan yet', { next: 'edit the draft, or wait until it is written' });
    }
    await recordAudit(context, unit, {
      event: 'operation.replanned',
      actor: actorOf(caller.principal),
      subject: operationSubject(opId),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { former_revision: found.value.revision },
    });
    await planAnew(context, unit, moveOperation(found.value, 'planning', { updatedAt: context.clock.now() }));
    return accept(opId);
  });
}

import {
  type ChatAnswer,
  type DraftRecord,
  type Generation,
  moveOperation,
  type Operation,
  type Reads,
  type Unit,
} from '@countersign/kernel';
import {
  accept,
  type ConnectorManifest,
  type Failure,
  JsonObject,
  type Outcome,
  refuse,
  type StepInput,
} from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { validateSteps } from '../catalogue/validate-steps.ts';
import { commandNamed } from '../command/repo-commands.ts';
import { systemActor } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { generateTopic } from '../context/wake-ups.ts';
import { dispatchAction } from '../dispatch/agent-connector.ts';
import { decideFor } from '../operation/decide-verdict.ts';
import { strictest } from '../operation/strictest.ts';
import { beginPlan } from '../plan/begin-plan.ts';
import { sealInputs } from '../secret/sealed-inputs.ts';
import { emit } from '../stream/operation-stream.ts';

/** A draft that a provider is writing, in the unit that ends that. */
export interface Writing {
  readonly operation: Operation;
  readonly record: DraftRecord;
  readonly generation: Generation;
}

/** The draft behind a job, its row locked; null where somebody else wrote, withdrew or rejected it meanwhile. */
export async function stillWriting(unit: Unit, operationId: string): Promise<Writing | null> {
  const operation = await unit.operations.lock(operationId);
  return writingOf(operation, await unit.drafts.get(operationId));
}

/** The same by a look alone: whether a provider's answer would still be taken. */
export async function wouldBeTaken(
  reads: Pick<Reads, 'operations' | 'drafts'>,
  operationId: string,
): Promise<Writing | null> {
  return writingOf(await reads.operations.get(operationId), await reads.drafts.get(operationId));
}

function writingOf(operation: Operation | null, record: DraftRecord | null): Writing | null {
  const generation = record?.generation ?? null;
  if (operation?.state !== 'draft' || record === null || generation?.state !== 'running') return null;
  return { operation, record, generation };
}

/** What was asked is not kept once it is answered: it holds what the caller could read. */
function ended(context: EngineContext, generation: Generation, failure: Failure | null): Generation {
  const request = { ...generation.request, prompt: '' };
  return {
    ...generation,
    request,
    state: failure === null ? 'done' : 'failed',
    failure,
    endedAt: context.clock.now(),
  };
}

/** Ends what a provider was to write of a draft that nobody wants from it any more: it is given up, and what was asked is not kept. */
export async function giveUpGeneration(context: EngineContext, unit: Unit, operationId: string): Promise<void> {
  const record = await unit.drafts.get(operationId);
  if (record?.generation?.state !== 'running') return;
  const failure = { code: 'E_CANCELLED', message: 'the draft was withdrawn before a provider had written it' };
  await unit.drafts.save({ ...record, generation: ended(context, record.generation, failure) });
  unit.afterCommit(() => context.wake.notify(generateTopic));
}

/** Leaves a draft without content, with why. It can be written by hand, or rejected; nothing else stops. */
export async function failGeneration(
  context: EngineContext,
  unit: Unit,
  { operation, record, generation }: Writing,
  failure: Failure,
): Promise<void> {
  await unit.drafts.save({ ...record, generation: ended(context, generation, failure) });
  await recordAudit(context, unit, {
    event: 'draft.generation_failed',
    actor: systemActor,
    subject: operationSubject(operation.id),
    outcome: 'failed',
    correlationId: operation.correlationId,
    detail: {
      provider: generation.provider,
      command: generation.command,
      code: failure.code,
      message: failure.message,
    },
  });
  const detail = { code: failure.code, message: failure.message };
  await emit(context, unit, operation.id, [
    { type: 'state', subject: 'operation', state: 'generation_failed', detail },
  ]);
}

/** The steps that an answer makes. What a model says is taken by the same schemas as what a person sends. */
export function stepsOf({ operation, generation }: Writing, answer: ChatAnswer): Outcome<readonly StepInput[]> {
  const command = generation.command === null ? null : commandNamed(generation.command);
  if (command !== null) return command.stepsOf(answer.object);
  const instruction = answer.text.trim();
  if (instruction === '') return refuse('E_PROVIDER_INVALID_OUTPUT', 'the provider answered nothing', {});
  return accept([{ action: dispatchAction, inputs: { ...operation.steps[0]?.inputs, instruction } }]);
}

/** Gives a draft the content that its provider wrote, and has it planned as if its requester had sent it. */
export async function endGeneration(
  context: EngineContext,
  unit: Unit,
  writing: Writing,
  answer: ChatAnswer,
  manifest: ConnectorManifest | undefined,
): Promise<void> {
  const { operation, record, generation } = writing;
  const steps = stepsOf(writing, answer);
  const made = steps.ok ? admitted(context, writing, steps.value, manifest) : steps;
  if (!made.ok) {
    const { code, message } = made;
    return await failGeneration(context, unit, writing, { code, message });
  }
  const now = context.clock.now();
  for (const value of made.value.sealed) await unit.sealed.put({ ...value, operationId: operation.id, createdAt: now });
  const { effect, risk } = made.value;
  const written = moveOperation(operation, 'planning', { steps: made.value.steps, effect, risk, updatedAt: now });
  await unit.operations.save(written);
  await unit.drafts.save({ ...record, generation: ended(context, generation, null) });
  const { tokensIn, tokensOut } = answer.usage;
  await recordAudit(context, unit, {
    event: 'draft.generated',
    actor: systemActor,
    subject: operationSubject(operation.id),
    outcome: 'ok',
    correlationId: operation.correlationId,
    detail: {
      provider: generation.provider,
      model: answer.model,
      command: generation.command,
      tokens_in: tokensIn,
      tokens_out: tokensOut,
      actions: written.steps.map(({ action }) => action),
    },
  });
  await emit(context, unit, operation.id, [{ type: 'state', subject: 'operation', state: 'planning' }]);
  await beginPlan(context, unit, written);
}

function admitted(
  context: EngineContext,
  { operation }: Writing,
  steps: readonly StepInput[],
  manifest: ConnectorManifest | undefined,
) {
  if (manifest === undefined) {
    return refuse('E_WORKER_UNAVAILABLE', `no worker serves target "${operation.target.name}" now`);
  }
  // What was sealed before stays as it is; it was validated when it was sent.
  const fresh = steps.map(({ action, inputs: { context: _known, ...inputs } }) => ({ action, inputs }));
  const valid = validateSteps(manifest, fresh);
  if (!valid.ok) return refuse('E_PROVIDER_INVALID_OUTPUT', `what the provider wrote is not taken: ${valid.message}`);
  const { steps: sealedSteps, values } = sealInputs(context.vault, valid.value);
  const whole = sealedSteps.map((step, index) => {
    const known = steps[index]?.inputs['context'];
    return known === undefined ? step : { ...step, inputs: JsonObject.parse({ ...step.inputs, context: known }) };
  });
  const actions = valid.value.map(({ action }) => action);
  const { verdict } = decideFor(context, operation.requester, 'propose', {
    target: operation.target,
    actions,
    steps: whole,
  });
  if (verdict.decision === 'deny') return refuse('E_POLICY_DENIED', verdict.reason);
  return accept({ steps: whole, sealed: values, ...strictest(actions) });
}

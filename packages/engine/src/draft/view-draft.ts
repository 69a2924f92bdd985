import { canonicalJson } from '@countersign/evidence';
import {
  type DisplayStatus,
  type DraftRecord,
  type Operation,
  type PlanRecord,
  type Reads,
  statusWords,
} from '@countersign/kernel';
import {
  type ApprovedView,
  approvedIdOf,
  type DraftStatus,
  type DraftView,
  draftIdOf,
  type Failure,
  type JsonObject,
  type OperationView,
  type StepInput,
} from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { addressee, isDispatch, shownInput } from '../dispatch/agent-connector.ts';
import { viewOperation } from '../operation/view-operation.ts';
import { asObject } from '../secret/schema-walk.ts';

/** An operation with what a draft has beside it. */
export interface Drafted {
  readonly operation: Operation;
  readonly view: OperationView;
  readonly plan: PlanRecord | null;
  readonly record: DraftRecord | null;
  readonly status: DraftStatus;
}

function statusOf(operation: Operation, record: DraftRecord | null, display: DisplayStatus): DraftStatus {
  if (operation.state !== 'draft') return statusWords[display].orDraft;
  return record?.generation?.state === 'failed' ? 'error' : 'generating';
}

/** Reads everything that shows of a draft. */
export async function readDrafted(
  context: EngineContext,
  reads: Reads,
  operation: Operation,
  caller: Caller,
): Promise<Drafted> {
  const { view, plan, display } = await viewOperation(context, reads, operation, caller);
  const record = await reads.drafts.get(operation.id);
  return { operation, view, plan, record, status: statusOf(operation, record, display) };
}

function contextOf(steps: readonly StepInput[]): JsonObject {
  return asObject(steps[0]?.inputs['context']) ?? {};
}

/** What typed steps say of themselves where nobody said more. */
function saidBySteps({ steps, target, note }: Operation): string {
  return note === '' ? `${steps.map(({ action }) => action).join(', ')} on ${target.name}` : note;
}

function errorOf({ record, view }: Drafted): Failure | null {
  if (record?.generation?.failure != null) return record.generation.failure;
  return view.plan?.error ?? null;
}

function contentOf({ operation, status }: Drafted): string {
  if (operation.state === 'draft' || status === 'generating') return '';
  if (isDispatch(operation)) return shownInput(operation.steps[0]?.inputs['instruction']);
  return canonicalJson(operation.steps);
}

/** A draft as faces see it. */
export function viewDraft(drafted: Drafted): DraftView {
  const { operation, view, record, status } = drafted;
  const id = draftIdOf(operation.id);
  const waits = status === 'draft' ? [`countersign drafts approve ${id}`, `countersign edit ${id}`] : view.next;
  return {
    id,
    prompt: record?.prompt ?? saidBySteps(operation),
    context: isDispatch(operation) ? contextOf(operation.steps) : {},
    content: contentOf(drafted),
    status,
    created_at: operation.createdAt,
    provider: record?.generation?.provider ?? null,
    command: record?.generation?.command ?? null,
    op_id: operation.id,
    kind: isDispatch(operation) ? 'instruction' : 'steps',
    agent: isDispatch(operation) ? addressee(operation.steps) : null,
    target: operation.target,
    steps: [...operation.steps],
    ai: operation.requester.ai,
    revision: operation.revision,
    digest: view.plan?.digest ?? null,
    display: status === 'generating' ? 'generating' : view.display,
    error: errorOf(drafted),
    next: waits,
  };
}

/** Who decided, and when it was decided. Where policy wanted nobody, it is policy since the plan was made. */
function decidedBy({ view, plan }: Drafted): { at: number; by: string } {
  const counted = view.approvals.filter(
    ({ kind, state }) => kind !== 'reject' && (state === 'valid' || state === 'consumed'),
  );
  const last = counted.reduce((latest, { issued_at: at }) => Math.max(latest, at), 0);
  if (counted.length === 0) return { at: plan?.createdAt ?? view.updated_at, by: 'policy' };
  return { at: last, by: [...new Set(counted.map(({ principal }) => principal))].join(', ') };
}

/** What was approved, from the body of the very plan whose digest was; null for a draft that is not. */
export function viewApproved(drafted: Drafted): ApprovedView | null {
  const { operation, view, plan, status } = drafted;
  if (status !== 'approved' || plan?.body == null || plan.digest === null || operation.effect === 'read') return null;
  const steps = plan.body.steps.map(({ action, inputs }) => ({ action, inputs }));
  const { at, by } = decidedBy(drafted);
  const instruction = isDispatch(operation);
  return {
    id: approvedIdOf(operation.id),
    draft_id: draftIdOf(operation.id),
    prompt: instruction ? shownInput(steps[0]?.inputs['instruction']) : canonicalJson(steps),
    approved_at: at,
    approved_by: by,
    context: instruction ? contextOf(steps) : {},
    op_id: operation.id,
    kind: instruction ? 'instruction' : 'steps',
    agent: instruction ? addressee(steps) : null,
    target: operation.target,
    digest: plan.digest,
    run_id: view.run?.run_id ?? null,
  };
}

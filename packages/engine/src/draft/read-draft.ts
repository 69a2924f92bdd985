import { type ApprovedView, accept, type DraftView, type Outcome, type Refusal, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation } from '../operation/find-operation.ts';
import { showPlan } from '../plan/show-plan.ts';
import { wholePlan } from '../plan/whole-plan.ts';
import { readDrafted, viewApproved, viewDraft } from './view-draft.ts';

/** One draft. Its plan counts as shown to the caller. */
export async function readDraft(context: EngineContext, caller: Caller, opId: string): Promise<Outcome<DraftView>> {
  const found = await context.store.read(async (reads) => {
    const seen = await findOperation(reads, caller, opId, 'viewer');
    if (!seen.ok || seen.value.effect === 'read') return noDraft(opId);
    return accept(await readDrafted(context, reads, seen.value, caller));
  });
  if (!found.ok) return found;
  const { operation, plan } = found.value;
  await showPlan(context, caller, operation, plan);
  return accept(viewDraft(found.value));
}

function noDraft(opId: string): Outcome<never> {
  return refuse('E_NOT_FOUND', `there is no draft ${opId} that you may see`, { next: 'see `countersign drafts`' });
}

/** The one answer for what is unknown, foreign, or not approved. */
export function nothingApproved(): Refusal {
  return refuse('E_NOT_FOUND', 'nothing was approved under that id that you may see', {
    next: 'see GET /v1/approved',
  });
}

/** What was approved under an id, whether it has run or not. A draft, a foreign id and an unknown id answer alike. */
export async function readApproved(
  context: EngineContext,
  caller: Caller,
  opId: string,
): Promise<Outcome<ApprovedView>> {
  return await context.store.read(async (reads) => {
    const seen = await findOperation(reads, caller, opId, 'viewer');
    const whole = seen.ok ? await wholePlan(context, reads, seen.value) : seen;
    const approved = seen.ok && whole.ok ? viewApproved(await readDrafted(context, reads, seen.value, caller)) : null;
    if (approved !== null) return accept(approved);
    return nothingApproved();
  });
}

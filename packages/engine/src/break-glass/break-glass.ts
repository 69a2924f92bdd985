import { signBreakGlass } from '@countersign/evidence';
import type { BreakGlass, Run } from '@countersign/kernel';
import {
  accept,
  type BreakGlassStatement,
  type BreakGlassView,
  breakGlassMs,
  type Outcome,
  type Refusal,
  refuse,
} from '@countersign/protocol';
import { operationSubject, placeOf, recordAlone, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { refuseMember } from '../group/refuse-member.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { lockOperation, notFound } from '../operation/find-operation.ts';
import { lockStanding } from '../person/standing-person.ts';
import { checkStart } from '../run/check-start.ts';
import { createRun } from '../run/create-run.ts';
import { refuseSecondRun } from '../run/start-run.ts';
import { requireStepUp } from '../step-up/require-step-up.ts';

/** Broken glass as everyone may see it. */
export function viewBreakGlass({ operationId, by, root, reason, digest, at, review }: BreakGlass): BreakGlassView {
  return {
    op_id: operationId,
    by,
    root,
    reason,
    digest,
    at,
    review: review === null ? null : { by: review.by, at: review.at, finding: review.finding, comment: review.comment },
  };
}

function onlyPeople({ principal }: Caller, what: string): Outcome<null> {
  if (principal.kind === 'person' && !principal.ai) return accept(null);
  return refuse('E_APPROVAL_NOT_ALLOWED', `only a person may ${what}; an agent, a service or a worker never may`, {
    next: 'ask a person with the role approver',
  });
}

async function recordRefusal(context: EngineContext, caller: Caller, opId: string, refusal: Refusal): Promise<void> {
  await recordAlone(context, {
    event: 'break_glass.refused',
    actor: actorOf(caller.principal),
    subject: operationSubject(opId),
    outcome: 'refused',
    correlationId: caller.correlationId,
    detail: { code: refusal.code, message: refusal.message },
  });
}

/**
 * Runs a planned operation now, past freeze, change window and others' approval, on the word of one named person of role
 * approver or higher who has just proven who they are. Plan, checks and the confirmation of what an AI proposed are wanted
 * all the same. The word is signed as approvals are and good for a quarter of an hour: a run that has not begun by then
 * ends. Another person must review it afterwards.
 */
export async function breakGlass(
  context: EngineContext,
  caller: Caller,
  request: { readonly opId: string; readonly digest: string; readonly reason: string },
): Promise<Outcome<Run>> {
  const { opId, digest } = request;
  const reason = withoutSecrets(request.reason);
  const result = await commit(context, 'break-glass', async (unit): Promise<Outcome<Run>> => {
    const standing = await lockStanding(unit, caller);
    if (!standing.ok) return standing;
    const found = await lockOperation(unit, caller, opId, 'approver');
    if (!found.ok) return found;
    const operation = found.value;
    if (operation.effect === 'read') return notFound(opId);
    const person = onlyPeople(caller, 'break the glass');
    if (!person.ok) return person;
    const provedAt = requireStepUp(context, caller, 'breaking the glass');
    if (!provedAt.ok) return provedAt;
    const existing = await unit.runs.byOperation(opId);
    if (existing !== null) return refuseSecondRun(existing);
    const alone = await refuseMember(unit, operation);
    if (!alone.ok) return alone;
    const plan = await checkStart(context, unit, caller, { opId, digest, busy: 'queue' }, operation, 'breaking_glass');
    if (!plan.ok) return plan;
    const { name: by, root } = caller.principal;
    const at = context.clock.now();
    const statement: BreakGlassStatement = {
      schema: 'countersign.break-glass.v1',
      op_id: opId,
      bundle_id: operation.bundleId,
      plan_digest: digest,
      principal: by,
      root,
      reason,
      issued_at: at,
      stepped_up_at: provedAt.value,
      expires_at: at + breakGlassMs,
    };
    const signed = { statement, envelope: signBreakGlass(statement, context.keys.signer) };
    const told = { operationId: opId, by, root, reason, digest, at, steppedUpAt: provedAt.value };
    await unit.breakGlass.insert({ ...told, signed, review: null });
    await recordAudit(context, unit, {
      event: 'break_glass.used',
      actor: actorOf(caller.principal),
      subject: operationSubject(opId),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: {
        ...placeOf(operation),
        target: operation.target.name,
        digest,
        reason,
        stepped_up_at: provedAt.value,
        expires_at: statement.expires_at,
      },
    });
    const actor = actorOf(caller.principal);
    return accept(await createRun(context, unit, operation, plan.value, actor, caller.correlationId));
  });
  if (!result.ok && result.code !== 'E_NOT_FOUND') await recordRefusal(context, caller, opId, result);
  return result;
}

/** Another person's word on broken glass, once. */
export async function reviewBreakGlass(
  context: EngineContext,
  caller: Caller,
  request: { readonly opId: string; readonly finding: 'justified' | 'not_justified'; readonly comment: string },
): Promise<Outcome<BreakGlassView>> {
  const { opId, finding } = request;
  const comment = withoutSecrets(request.comment);
  return await commit(context, 'review', async (unit): Promise<Outcome<BreakGlassView>> => {
    const found = await lockOperation(unit, caller, opId, 'approver');
    if (!found.ok) return found;
    const record = await unit.breakGlass.get(opId);
    if (record === null) {
      return refuse('E_NOT_FOUND', 'the glass was not broken for this operation', {
        next: 'see `countersign break-glass ls`',
      });
    }
    const person = onlyPeople(caller, 'review broken glass');
    if (!person.ok) return person;
    const { root, name: by } = caller.principal;
    if (root === record.root || root === found.value.requester.root) {
      return refuse(
        'E_APPROVAL_NOT_ALLOWED',
        'another person reviews it: neither who broke the glass nor who proposed',
        {
          next: 'ask another person with the role approver',
        },
      );
    }
    const review = { by, root, at: context.clock.now(), finding, comment };
    if (!(await unit.breakGlass.review(opId, review))) {
      return refuse('E_ALREADY_DECIDED', `${record.review?.by ?? 'somebody'} has reviewed it already`, {
        next: 'see `countersign break-glass ls`',
      });
    }
    await recordAudit(context, unit, {
      event: 'break_glass.reviewed',
      actor: actorOf(caller.principal),
      subject: operationSubject(opId),
      outcome: finding === 'justified' ? 'ok' : 'failed',
      correlationId: caller.correlationId,
      detail: { ...placeOf(found.value), broken_by: record.by, finding, comment },
    });
    return accept(viewBreakGlass({ ...record, review }));
  });
}

/** Broken glass that a caller may see, newest first. */
export async function listBreakGlass(
  context: EngineContext,
  caller: Caller,
  query: { readonly open: boolean; readonly limit: number },
): Promise<BreakGlassView[]> {
  const { grants } = caller.principal;
  const records = await context.store.read((reads) => reads.breakGlass.list({ ...query, grants }));
  return records.map(viewBreakGlass);
}

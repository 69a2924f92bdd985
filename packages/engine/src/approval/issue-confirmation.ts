import { randomBytes } from 'node:crypto';
import { mayDecide, type Unit } from '@countersign/kernel';
import { accept, type ConfirmationView, type Outcome, refuse } from '@countersign/protocol';
import { operationSubject, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { lockOperation, notFound } from '../operation/find-operation.ts';
import { type WholePlan, wholePlan } from '../plan/whole-plan.ts';
import { tokenHash } from '../token/token-text.ts';

/** How long a confirmation token is good. */
export const confirmationMs = 300_000;
/** Tokens that may stand unused for one operation: whoever asks on and on gets no more. */
const unusedAtOnce = 20;
/** Rows are kept for a while after their end, so that a late use is told apart from none. */
const keptMs = 3_600_000;

/** Keeps the hash of a token for exactly this person and plan, which counts as shown to them. E_RATE_LIMITED where too many stand unused. */
export async function keepToken(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  what: { readonly operationId: string; readonly plan: WholePlan; readonly expiresAt: number },
  text: string,
): Promise<Outcome<null>> {
  const { operationId, plan, expiresAt } = what;
  const { digest, revision } = plan;
  const principal = caller.principal.id;
  const now = context.clock.now();
  await unit.confirmations.removeExpired(now - keptMs);
  if ((await unit.confirmations.countUnused(operationId, now)) >= unusedAtOnce) {
    return refuse('E_RATE_LIMITED', `${unusedAtOnce} confirmation tokens stand unused for this operation`, {
      retry_after_ms: confirmationMs,
      next: 'use one of them, or wait until they are gone',
    });
  }
  const hash = tokenHash(text, context.sha256);
  await unit.confirmations.insert({ hash, operationId, principal, kind: 'confirm', digest, createdAt: now, expiresAt });
  await unit.plans.markShown({ operationId, principal, revision, digest, shownAt: now });
  return accept(null);
}

/**
 * Shows the requester what they are asked to confirm, with a token that is good for one confirmation by them of exactly this
 * plan, or in the profile `solo` for their approval of it. The plan counts as shown. Only the hash of the token is kept.
 */
export async function issueConfirmation(
  context: EngineContext,
  caller: Caller,
  opId: string,
): Promise<Outcome<ConfirmationView>> {
  const text = `csc_${randomBytes(32).toString('base64url')}`;
  return await commit(context, 'confirmation', async (unit): Promise<Outcome<ConfirmationView>> => {
    const found = await lockOperation(unit, caller, opId, 'actions');
    if (!found.ok) return found;
    const operation = found.value;
    if (operation.effect === 'read') return notFound(opId);
    const allowed = mayDecide('confirm', caller.principal, operation.requester, context.decider.profile);
    if (!allowed.ok) return allowed;
    if (operation.state === 'closed' || (await unit.runs.byOperation(opId)) !== null) {
      // Also whoever asks again because the answer to their confirmation was lost.
      return refuse(
        'E_ALREADY_DECIDED',
        `the operation was decided already: it is ${operation.closedReason ?? 'running'}`,
        { next: `see \`countersign show ${opId}\`` },
      );
    }
    if (operation.state !== 'planned') {
      return refuse('E_STATE', 'the operation has no plan that waits for a confirmation', {
        next: `see \`countersign show ${opId}\``,
      });
    }
    const whole = await wholePlan(context, unit, operation);
    if (!whole.ok) return whole;
    const { body, digest, revision } = whole.value;
    const expiresAt = context.clock.now() + confirmationMs;
    const kept = await keepToken(context, unit, caller, { operationId: opId, plan: whole.value, expiresAt }, text);
    if (!kept.ok) return kept;
    await recordAudit(context, unit, {
      event: 'confirmation.issued',
      actor: actorOf(caller.principal),
      subject: operationSubject(opId),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { digest, revision, risk: operation.risk, target: operation.target.name, expires_at: expiresAt },
    });
    return accept({
      op_id: opId,
      confirmation: text,
      expires_at: expiresAt,
      risk: operation.risk,
      effect: operation.effect,
      target: { ...operation.target, identity: body.target.identity },
      digest,
      steps: [...operation.steps],
      diffs: body.diffs,
      checks: body.checks,
    });
  });
}

/** Spends a confirmation token for exactly this person and plan; of parallel uses one wins. */
export async function redeemConfirmation(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  use: { readonly operationId: string; readonly digest: string; readonly text: string },
): Promise<Outcome<null>> {
  const { operationId, digest, text } = use;
  const hash = tokenHash(text, context.sha256);
  const wanted = { hash, operationId, digest, principal: caller.principal.id, kind: 'confirm' } as const;
  if (await unit.confirmations.redeem(wanted, context.clock.now())) return accept(null);
  const why =
    text === ''
      ? 'what you proposed yourself is decided with the one-time token that comes with its plan'
      : 'the confirmation was used, has expired, or is for something else';
  return refuse('E_CONFIRMATION_INVALID', why, {
    field: 'confirmation',
    next: `look at the plan again: POST /v1/ops/${operationId}/confirmation`,
  });
}

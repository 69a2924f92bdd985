import type { Enrolment, Unit } from '@countersign/kernel';
import {
  accept,
  type EnrolmentCreated,
  type EnrolmentCreateRequest,
  type EnrolmentView,
  type Outcome,
  refuse,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { newSecretText } from '../session/session-text.ts';
import { tokenHash } from '../token/token-text.ts';

const hourMs = 3_600_000;
const mostListed = 500;

/** An enrolment without its secret; one whose time is over is expired. */
export function viewEnrolment(enrolment: Enrolment, now: number): EnrolmentView {
  return {
    enrolment_id: enrolment.id,
    worker: enrolment.worker,
    targets: [...enrolment.scope.targets],
    actions: [...enrolment.scope.actions],
    made_by: enrolment.madeBy,
    created_at: enrolment.createdAt,
    expires_at: enrolment.expiresAt,
    state: enrolment.outcome ?? (enrolment.expiresAt <= now ? 'expired' : 'open'),
    closed_at: enrolment.closedAt,
  };
}

/** Whoever lets workers in decides what reaches targets: only a person does, never an AI. */
function refuseOthers({ principal }: Caller): Outcome<null> {
  if (principal.kind === 'person' && !principal.ai) return accept(null);
  return refuse('E_AUTH_FORBIDDEN', 'only a person lets workers in', { next: 'ask an administrator' });
}

async function noted(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  event: 'enrolment.made' | 'enrolment.revoked',
  enrolment: Enrolment,
): Promise<void> {
  await recordAudit(context, unit, {
    event,
    actor: actorOf(caller.principal),
    subject: { kind: 'enrolment', id: enrolment.id },
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: {
      worker: enrolment.worker,
      targets: [...enrolment.scope.targets],
      actions: [...enrolment.scope.actions],
      expires_at: enrolment.expiresAt,
    },
  });
}

/** Makes a secret by which one worker joins, once, with a key of its own. The secret is answered once and never kept. */
export async function makeEnrolment(
  context: EngineContext,
  caller: Caller,
  request: EnrolmentCreateRequest,
): Promise<Outcome<EnrolmentCreated>> {
  const allowed = refuseOthers(caller);
  if (!allowed.ok) return allowed;
  const now = context.clock.now();
  const secret = newSecretText('csw');
  const enrolment: Enrolment = {
    id: context.ids.next(),
    hash: tokenHash(secret, context.sha256),
    worker: request.worker,
    scope: { targets: [...new Set(request.targets)].sort(), actions: [...new Set(request.actions)].sort() },
    madeBy: caller.principal.root,
    createdAt: now,
    expiresAt: now + (request.expires_in_ms ?? hourMs),
    outcome: null,
    keyid: null,
    closedAt: null,
  };
  await commit(context, 'enrolment', async (unit) => {
    await unit.enrolments.insert(enrolment);
    await noted(context, unit, caller, 'enrolment.made', enrolment);
  });
  return accept({ ...viewEnrolment(enrolment, now), secret });
}

/** Enrolments, newest first, never their secret. */
export async function listEnrolments(context: EngineContext): Promise<EnrolmentView[]> {
  const now = context.clock.now();
  const enrolments = await context.store.read((reads) => reads.enrolments.list(mostListed));
  return enrolments.map((enrolment) => viewEnrolment(enrolment, now));
}

/** Takes an open enrolment back. E_STATE when a worker joined by it: that one's token is revoked instead. */
export async function revokeEnrolment(
  context: EngineContext,
  caller: Caller,
  id: string,
): Promise<Outcome<EnrolmentView>> {
  return await commit(context, 'enrolment', async (unit): Promise<Outcome<EnrolmentView>> => {
    const enrolment = await unit.enrolments.get(id);
    if (enrolment === null) {
      return refuse('E_NOT_FOUND', `there is no enrolment ${id}`, { next: 'see `countersign workers enrolments`' });
    }
    const now = context.clock.now();
    if (!(await unit.enrolments.close(id, { outcome: 'revoked', keyid: null, at: now }))) {
      return refuse('E_STATE', `the enrolment was ${enrolment.outcome ?? 'closed'} already`, {
        next:
          enrolment.outcome === 'redeemed'
            ? `end the worker's key: countersign workers revoke ${enrolment.worker}`
            : 'nothing is left to do',
      });
    }
    await noted(context, unit, caller, 'enrolment.revoked', enrolment);
    return accept(viewEnrolment({ ...enrolment, outcome: 'revoked', closedAt: now }, now));
  });
}

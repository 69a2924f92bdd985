import { accept, type InviteView, type Outcome, refuse } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller, systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { viewInvite } from './view-invite.ts';

const mostListed = 500;
const expiredAtOnce = 100;

/** Invites, newest first. */
export async function listInvites(context: EngineContext): Promise<InviteView[]> {
  const now = context.clock.now();
  const invites = await context.store.read((reads) => reads.invites.list(mostListed));
  return invites.map((invite) => viewInvite(invite, now));
}

/** Takes an open invite back. E_STATE when it was redeemed or is over. */
export async function revokeInvite(
  context: EngineContext,
  caller: Caller,
  inviteId: string,
): Promise<Outcome<InviteView>> {
  return await commit(context, 'invite', async (unit): Promise<Outcome<InviteView>> => {
    const invite = await unit.invites.get(inviteId);
    if (invite === null) {
      return refuse('E_NOT_FOUND', `there is no invite ${inviteId}`, { next: 'list them with GET /v1/invites' });
    }
    const now = context.clock.now();
    if (!(await unit.invites.close(inviteId, 'revoked', now))) {
      return refuse('E_STATE', `the invite was ${invite.outcome ?? 'closed'} already`, {
        next:
          invite.outcome === 'redeemed'
            ? `disable the person: countersign people disable ${invite.name}`
            : 'nothing is left to do',
      });
    }
    await recordAudit(context, unit, {
      event: 'invite.revoked',
      actor: actorOf(caller.principal),
      subject: { kind: 'invite', id: inviteId },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { name: invite.name },
    });
    return accept(viewInvite({ ...invite, outcome: 'revoked', closedAt: now }, now));
  });
}

/** Writes down which invites ran out; answers how many. */
export async function expireInvites(context: EngineContext): Promise<number> {
  const now = context.clock.now();
  return await commit(
    context,
    'invite-expire',
    async (unit) => {
      let closed = 0;
      for (const invite of await unit.invites.expired(now, expiredAtOnce)) {
        if (!(await unit.invites.close(invite.id, 'expired', now))) continue;
        closed += 1;
        await recordAudit(context, unit, {
          event: 'invite.expired',
          actor: systemActor,
          subject: { kind: 'invite', id: invite.id },
          outcome: 'ok',
          correlationId: invite.id,
          detail: { name: invite.name },
        });
      }
      return closed;
    },
    (closed) => closed > 0,
  );
}

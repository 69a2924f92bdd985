import type { Invite } from '@countersign/kernel';
import type { InviteView } from '@countersign/protocol';

/** An invite without its secret; one whose time is over is expired, whether or not that was written down. */
export function viewInvite(invite: Invite, now: number): InviteView {
  return {
    invite_id: invite.id,
    kind: invite.kind,
    name: invite.name,
    grants: [...invite.grants],
    groups: [...invite.groups],
    clear_factors: invite.clearsFactors,
    invited_by: invite.invitedBy,
    created_at: invite.createdAt,
    expires_at: invite.expiresAt,
    state: invite.outcome ?? (invite.expiresAt <= now ? 'expired' : 'open'),
    closed_at: invite.closedAt,
  };
}

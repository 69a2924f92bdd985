import { type ApprovalKind, accept, type Outcome, type Principal, refuse } from '@countersign/protocol';
import type { Requester } from '../operation/operation.ts';
import type { Approval } from './approval.ts';

export type PolicyProfile = 'standard' | 'solo';

/** Whether a principal may give a decision of this kind on what this requester proposed. */
export function mayDecide(
  kind: ApprovalKind,
  principal: Principal,
  requester: Requester,
  profile: PolicyProfile,
): Outcome<null> {
  if (principal.ai || principal.kind !== 'person') {
    return refuse(
      'E_APPROVAL_NOT_ALLOWED',
      'only a person may confirm, approve or reject; an agent, a service or a worker never may',
      {
        next: 'ask a person to decide',
      },
    );
  }
  const own = principal.root === requester.root;
  if (kind === 'confirm' && !own) {
    return refuse('E_APPROVAL_NOT_ALLOWED', `only ${requester.root} may confirm what ${requester.root} proposed`, {
      next: `ask ${requester.root} to confirm, or approve it instead`,
    });
  }
  if (kind === 'approve' && own && profile !== 'solo') {
    return refuse('E_APPROVAL_NOT_ALLOWED', 'nobody may approve what they, or an agent of theirs, proposed', {
      next: 'ask another person with the approver role',
    });
  }
  return accept(null);
}

/** Decisions that still count for this plan now. */
export function liveApprovals(approvals: readonly Approval[], digest: string, now: number): Approval[] {
  return approvals.filter(
    (approval) =>
      approval.voidedAt === null &&
      approval.consumedByRun === null &&
      approval.statement.plan_digest === digest &&
      approval.statement.expires_at > now,
  );
}

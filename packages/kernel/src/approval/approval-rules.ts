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
  if (kind === 'confirm' && !own && !requester.ai) {
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

/** What policy is told about decisions: whether the requester's side confirmed, and how many other roots approved. */
export interface ApprovalFacts {
  readonly confirmed: boolean;
  readonly approvals: number;
}

/** Counts a quorum: distinct roots, the requester's own only under `solo`. */
export function approvalFacts(
  approvals: readonly Approval[],
  requester: Requester,
  profile: PolicyProfile,
): ApprovalFacts {
  const roots = new Set<string>();
  let confirmed = false;
  for (const { statement } of approvals) {
    if (statement.kind === 'confirm') confirmed = true;
    if (statement.kind !== 'approve') continue;
    if (profile === 'solo' || statement.approver_root !== requester.root) roots.add(statement.approver_root);
  }
  return { confirmed, approvals: roots.size };
}

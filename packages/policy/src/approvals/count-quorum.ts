import type { ApprovalKind, ApprovalView, GroupedApprover, Principal } from '@countersign/protocol';
import type { PolicyProfile } from '../load/policy-set.ts';

/** One signed decision about the current plan, with its signer as known when it was signed. Only `valid` ones count. */
export interface RecordedApproval {
  readonly kind: ApprovalKind;
  readonly state: ApprovalView['state'];
  readonly approver: Pick<Principal, 'kind' | 'role' | 'root' | 'ai'> & { readonly groups: readonly string[] };
  /** Whether it was signed right after a fresh proof of who signs. */
  readonly steppedUp: boolean;
}

/** What the recorded decisions amount to: different roots, never statements. */
export interface Quorum {
  readonly approvals: number;
  readonly confirmed: boolean;
  /** Those who approved, with their groups. */
  readonly approvers: readonly GroupedApprover[];
}

/**
 * Counts the people behind recorded decisions. An approval counts from a person of role `approver` or higher whose root is
 * not the requester's (in the solo profile, the requester's own too); a confirmation from a person at the requester's root
 * of role `actions` or higher, whose approval says at least as much. Equal roots are one will; an AI, a service, a worker
 * never counts.
 */
export function countQuorum(
  requesterRoot: string,
  approvals: readonly RecordedApproval[],
  profile: PolicyProfile,
): Quorum {
  const approvers: GroupedApprover[] = [];
  let confirmed = false;
  for (const { kind, state, approver } of approvals) {
    if (state !== 'valid' || kind === 'reject' || approver.kind !== 'person' || approver.ai) continue;
    const own = approver.root === requesterRoot;
    if (own && approver.role !== 'viewer' && approver.role !== 'worker') confirmed = true;
    const entitled = approver.role === 'approver' || approver.role === 'admin';
    if (kind === 'approve' && entitled && (!own || profile === 'solo'))
      approvers.push({ root: approver.root, groups: approver.groups });
  }
  return { approvals: new Set(approvers.map(({ root }) => root)).size, confirmed, approvers };
}

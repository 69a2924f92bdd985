import { dealApprovers, type Obligation } from '@countersign/protocol';
import type { PolicyProfile } from '../load/policy-set.ts';
import { countQuorum, type RecordedApproval } from './count-quorum.ts';

/** What the decisions so far bring about, as policies read it. */
export interface Standing {
  readonly confirmed: boolean;
  readonly approvals: number;
  /** `security:1`, `security:2`: a group, and each number of approvals that it has reached. */
  readonly approvedBy: readonly string[];
  readonly stepUp: boolean;
}

/** What decisions bring about where nobody asks for groups or for a step-up. */
export function plainStanding(
  requesterRoot: string,
  decisions: readonly RecordedApproval[],
  profile: PolicyProfile,
): Standing {
  const { approvals, confirmed } = countQuorum(requesterRoot, decisions, profile);
  return { approvals, confirmed, approvedBy: [], stepUp: false };
}

/**
 * What decisions bring about for these obligations. With a step-up among them only decisions count that were signed right
 * after one. Groups are dealt the people who approved, each of whom stands for one group at most.
 */
export function standingFor(
  obligations: readonly Obligation[],
  requesterRoot: string,
  decisions: readonly RecordedApproval[],
  profile: PolicyProfile,
): Standing {
  const stepUp = obligations.some(({ kind }) => kind === 'step_up');
  const counted = stepUp ? decisions.filter(({ steppedUp }) => steppedUp) : decisions;
  const { approvals, confirmed, approvers } = countQuorum(requesterRoot, counted, profile);
  const demand = new Map<string, number>();
  for (const one of obligations) {
    if (one.kind === 'approve' && one.group !== undefined)
      demand.set(one.group, Math.max(one.count, demand.get(one.group) ?? 0));
  }
  const dealt = dealApprovers(demand, approvers);
  const approvedBy = [...dealt].flatMap(([group, count]) => reached(group, count)).sort();
  return { approvals, confirmed, approvedBy, stepUp: stepUp && (confirmed || approvals > 0) };
}

/** A group's facts once it has given `count` approvals. */
export function reached(group: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${group}:${index + 1}`);
}

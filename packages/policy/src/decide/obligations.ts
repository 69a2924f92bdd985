import type { Obligation } from '@countersign/protocol';

/** Joins obligations into one list in fixed order: confirm, approve with the largest count, step_up. */
export function joinObligations(obligations: readonly Obligation[]): Obligation[] {
  const joined: Obligation[] = [];
  if (obligations.some(({ kind }) => kind === 'confirm')) joined.push({ kind: 'confirm' });
  const count = Math.max(0, ...obligations.map((one) => (one.kind === 'approve' ? one.count : 0)));
  if (count > 0) joined.push({ kind: 'approve', count });
  if (obligations.some(({ kind }) => kind === 'step_up')) joined.push({ kind: 'step_up' });
  return joined;
}

/** An obligation in words, for people. */
export function describeObligation(obligation: Obligation, profile: 'standard' | 'solo'): string {
  if (obligation.kind === 'confirm') return "confirmation by the requester's person";
  if (obligation.kind === 'step_up') return 'a fresh proof of who the requester is';
  const people = obligation.count === 1 ? 'person' : 'people';
  if (profile === 'solo') return `approval by ${obligation.count} ${people}, the requester included`;
  return `approval by ${obligation.count} other ${people}`;
}

import type { Obligation } from '@countersign/protocol';

/** Joins obligations into one list in fixed order: confirm, approve with the largest count, each group's by name, step_up. */
export function joinObligations(obligations: readonly Obligation[]): Obligation[] {
  const joined: Obligation[] = [];
  if (obligations.some(({ kind }) => kind === 'confirm')) joined.push({ kind: 'confirm' });
  const counts = new Map<string | undefined, number>();
  for (const one of obligations) {
    if (one.kind === 'approve') counts.set(one.group, Math.max(one.count, counts.get(one.group) ?? 0));
  }
  const byGroup = [...counts].sort(([left = ''], [right = '']) => (left < right ? -1 : 1));
  for (const [group, count] of byGroup)
    joined.push({ kind: 'approve', count, ...(group === undefined ? {} : { group }) });
  if (obligations.some(({ kind }) => kind === 'step_up')) joined.push({ kind: 'step_up' });
  return joined;
}

/** An obligation in words, for people. */
export function describeObligation(obligation: Obligation, profile: 'standard' | 'solo'): string {
  if (obligation.kind === 'confirm') return "confirmation by the requester's person";
  if (obligation.kind === 'step_up') return 'a fresh proof of who they are by everyone who decides';
  const people = obligation.count === 1 ? 'person' : 'people';
  if (obligation.group !== undefined) return `approval by ${obligation.count} ${people} of group ${obligation.group}`;
  if (profile === 'solo') return `approval by ${obligation.count} ${people}, the requester included`;
  return `approval by ${obligation.count} other ${people}`;
}

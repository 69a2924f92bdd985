/** How many approvals each group is wanted to give. */
export type GroupDemand = ReadonlyMap<string, number>;

/** A person who approved, by the root of their lineage, and the groups they were in. */
export interface GroupedApprover {
  readonly root: string;
  readonly groups: readonly string[];
}

/**
 * How many of the wanted approvals each group has. One person stands for at most one group, so that groups which share
 * members still ask for different people. The approvers are dealt out as well as they can be (a maximum bipartite
 * matching); where not all groups can be met, those that come first by name are.
 */
export function dealApprovers(demand: GroupDemand, approvers: readonly GroupedApprover[]): Map<string, number> {
  const people = onePerRoot(approvers);
  const slots = [...demand]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([group, count]) => Array.from({ length: Math.min(count, people.length) }, () => group));
  const slotOf = new Map<string, number>();
  const place = (slot: number, tried: Set<string>): boolean => {
    for (const { root, groups } of people) {
      if (tried.has(root) || !groups.includes(slots[slot] ?? '')) continue;
      tried.add(root);
      const taken = slotOf.get(root);
      if (taken === undefined || place(taken, tried)) {
        slotOf.set(root, slot);
        return true;
      }
    }
    return false;
  };
  const dealt = new Map([...demand.keys()].map((group) => [group, 0]));
  for (const [slot, group] of slots.entries()) {
    if (place(slot, new Set())) dealt.set(group, (dealt.get(group) ?? 0) + 1);
  }
  return dealt;
}

function onePerRoot(approvers: readonly GroupedApprover[]): GroupedApprover[] {
  const groupsOf = new Map<string, Set<string>>();
  for (const { root, groups } of approvers) {
    groupsOf.set(root, new Set([...(groupsOf.get(root) ?? []), ...groups]));
  }
  return [...groupsOf]
    .map(([root, groups]) => ({ root, groups: [...groups] }))
    .sort((left, right) => (left.root < right.root ? -1 : 1));
}

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dealApprovers, type GroupDemand, type GroupedApprover } from './group-approvals.ts';

const in_ = (root: string, ...groups: string[]): GroupedApprover => ({ root, groups });
const deal = (demand: Record<string, number>, ...approvers: GroupedApprover[]) =>
  Object.fromEntries(dealApprovers(new Map(Object.entries(demand)), approvers));

it('a person stands for one group at most, whatever groups they are in', () => {
  expect(deal({ dba: 1, security: 1 }, in_('bob', 'dba', 'security'))).toEqual({ dba: 1, security: 0 });
  expect(deal({ dba: 1, security: 1 }, in_('bob', 'dba', 'security'), in_('eve', 'dba'))).toEqual({
    dba: 1,
    security: 1,
  });
  expect(deal({ dba: 1, security: 1 }, in_('bob', 'dba'), in_('bob', 'security'))).toEqual({ dba: 1, security: 0 });
});

it('counts no more than is wanted, and nobody who is in none of the groups', () => {
  expect(deal({ dba: 1 }, in_('a', 'dba'), in_('b', 'dba'))).toEqual({ dba: 1 });
  expect(deal({ dba: 2 }, in_('a', 'dba'), in_('b', 'security'), in_('c'))).toEqual({ dba: 1 });
  expect(deal({})).toEqual({});
});

/** Every way to give each person one of their groups or none. */
function best(demand: GroupDemand, people: readonly GroupedApprover[]): number {
  const [first, ...rest] = people;
  if (first === undefined) return 0;
  const choices = first.groups.filter((group) => (demand.get(group) ?? 0) > 0);
  const taking = choices.map((group) => 1 + best(new Map([...demand, [group, (demand.get(group) ?? 0) - 1]]), rest));
  return Math.max(best(demand, rest), ...taking);
}

it('deals as many as can be dealt, in whatever order people are given, and one more never takes anything away', () => {
  const group = fc.constantFrom<string[]>('a', 'b', 'c');
  const demands = fc.array(fc.tuple(group, fc.integer({ min: 1, max: 3 })), { maxLength: 3 }).map((of) => new Map(of));
  const groups = fc.subarray<string>(['a', 'b', 'c']);
  const people = fc.array(groups, { maxLength: 5 }).map((each) => each.map((of, index) => in_(`p${index}`, ...of)));
  const sum = (dealt: Map<string, number>) => [...dealt.values()].reduce((all, one) => all + one, 0);
  let full = 0;
  fc.assert(
    fc.property(demands, people, groups, (demand, given, more) => {
      const dealt = dealApprovers(demand, given);
      expect(sum(dealt)).toBe(best(demand, given));
      expect(dealApprovers(demand, [...given].reverse())).toEqual(dealt);
      for (const [name, count] of dealt) expect(count).toBeLessThanOrEqual(demand.get(name) ?? 0);
      const wanted = [...demand.values()].reduce((all, one) => all + one, 0);
      if (sum(dealt) < wanted) return;
      full += 1;
      expect(dealApprovers(demand, [...given, in_('one-more', ...more)])).toEqual(dealt);
    }),
    { numRuns: 400 },
  );
  expect(full).toBeGreaterThan(20);
});

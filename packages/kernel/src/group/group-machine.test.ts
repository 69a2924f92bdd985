import { GroupState } from '@countersign/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationOf, runOf } from '../fixture/rows.ts';
import type { GroupRecord } from './group.ts';
import { groupMoves, type MemberStanding, memberStanding, moveGroup, nextOfGroup } from './group-machine.ts';

function groupOf(sizes: readonly number[], change: Partial<GroupRecord> = {}): GroupRecord {
  let count = 0;
  const waves = sizes.map((size) =>
    Array.from({ length: size }, () => {
      count += 1;
      return { opId: `op-${count}`, target: 't', name: `n-${count}` };
    }),
  );
  const by = { principal: 'ada', root: 'ada', ai: false };
  return {
    id: 'g',
    state: 'running',
    action: 'fake.set',
    labels: null,
    waves,
    begun: 1,
    requester: { name: 'ada', root: 'ada' },
    start: { by, tokenId: null, digests: {}, correlationId: 'c' },
    stop: null,
    correlationId: 'c',
    createdAt: 0,
    updatedAt: 0,
    ...change,
  };
}
const failed: MemberStanding = { is: 'failed', code: 'E_VERIFY', reason: 'no' };

describe('the moves of a group', () => {
  const pairs = GroupState.options.flatMap((from) => GroupState.options.map((to) => [from, to] as const));
  it.each(pairs)('from %s to %s happen only where listed', (from, to) => {
    const move = () => moveGroup(groupOf([1], { state: from }), to, { updatedAt: 5 });
    if (groupMoves[from].includes(to)) expect(move()).toMatchObject({ state: to, updatedAt: 5 });
    else expect(move).toThrow(`from ${from} to ${to}`);
  });
  it('end nowhere but in an end', () => {
    expect(GroupState.options.filter((state) => groupMoves[state].length === 0)).toEqual(['succeeded', 'stopped']);
  });
});

describe('memberStanding', () => {
  it.each([
    ['queued', 'under_way'],
    ['running', 'under_way'],
    ['cancelling', 'under_way'],
    ['succeeded', 'succeeded'],
    ['failed', 'failed'],
    ['cancelled', 'failed'],
    ['outcome_unknown', 'failed'],
  ] as const)('a run that is %s is %s', (state, is) => {
    expect(memberStanding(operationOf(), runOf({ state })).is).toBe(is);
  });
  it('without a run it waits, unless it was closed or is gone', () => {
    for (const state of ['draft', 'planning', 'planned'] as const) {
      expect(memberStanding(operationOf({ state }), null)).toEqual({ is: 'unstarted' });
    }
    const closed = operationOf({ state: 'closed', closedReason: 'denied' });
    expect(memberStanding(closed, null)).toMatchObject({ is: 'failed', reason: expect.stringContaining('denied') });
    expect(memberStanding(null, null)).toMatchObject({ is: 'failed' });
  });
});

describe('nextOfGroup', () => {
  const next = (group: GroupRecord, standings: Record<string, MemberStanding>) =>
    nextOfGroup(group, (opId) => standings[opId] ?? { is: 'unstarted' });

  it('begins a wave when all before it have succeeded, and not sooner', () => {
    const group = groupOf([2, 1]);
    expect(next(group, { 'op-1': { is: 'succeeded' }, 'op-2': { is: 'under_way' } })).toEqual({ next: 'wait' });
    expect(next(group, { 'op-1': { is: 'succeeded' }, 'op-2': { is: 'succeeded' } })).toEqual({
      next: 'begin',
      wave: 1,
    });
  });
  it('stops at what failed, while another of its wave is under way, and for what will not run later', () => {
    const stop = { wave: 1, op_id: 'op-2', code: 'E_VERIFY', reason: 'no' };
    expect(next(groupOf([2, 1]), { 'op-1': { is: 'under_way' }, 'op-2': failed })).toEqual({ next: 'stop', stop });
    expect(next(groupOf([1, 2]), { 'op-1': { is: 'under_way' }, 'op-3': failed })).toMatchObject({
      next: 'stop',
      stop: { wave: 2, op_id: 'op-3' },
    });
  });
  it('has succeeded when the last wave has, and does nothing in any other state', () => {
    const done = groupOf([1], { begun: 1 });
    expect(next(done, { 'op-1': { is: 'succeeded' } })).toEqual({ next: 'succeed' });
    for (const state of ['waiting', 'succeeded', 'stopped'] as const) {
      expect(next({ ...done, state }, { 'op-1': failed })).toEqual({ next: 'wait' });
    }
  });

  it('in any order of events: each run is created once, none before every earlier wave succeeded, none after a failure, and it ends', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 });
    const events = fc.array(fc.record({ at: fc.nat(), fails: fc.integer({ min: 0, max: 9 }) }), {
      minLength: 40,
      maxLength: 40,
    });
    let ends = { succeeded: 0, stopped: 0 };
    fc.assert(
      fc.property(sizes, events, fc.boolean(), (of, drawn, mayFail) => {
        let group = groupOf(of);
        const standings = new Map<string, MemberStanding>();
        const created: string[] = [];
        const create = (wave: number): void => {
          for (const { opId } of group.waves[wave] ?? []) {
            expect(created).not.toContain(opId);
            created.push(opId);
            standings.set(opId, { is: 'under_way' });
          }
        };
        const look = (): void => {
          for (;;) {
            const what = nextOfGroup(group, (opId) => standings.get(opId) ?? { is: 'unstarted' });
            if (what.next === 'wait') return;
            if (what.next === 'begin') {
              const before = group.waves.slice(0, what.wave).flat();
              expect(what.wave).toBe(group.begun);
              expect(before.every(({ opId }) => standings.get(opId)?.is === 'succeeded')).toBe(true);
              create(what.wave);
              group = moveGroup(group, 'running', { begun: group.begun + 1, updatedAt: 1 });
            } else if (what.next === 'stop') group = moveGroup(group, 'stopped', { stop: what.stop, updatedAt: 1 });
            else group = moveGroup(group, 'succeeded', { updatedAt: 1 });
          }
        };
        create(0);
        for (const { at, fails } of drawn) {
          const open = created.filter((opId) => standings.get(opId)?.is === 'under_way');
          const one = open[at % Math.max(1, open.length)];
          if (one === undefined) break;
          standings.set(one, mayFail && fails === 0 ? failed : { is: 'succeeded' });
          look();
          look();
        }
        const someFailed = [...standings.values()].some(({ is }) => is === 'failed');
        expect(group.state).toBe(someFailed ? 'stopped' : 'succeeded');
        if (!someFailed) expect(created).toHaveLength(group.waves.flat().length);
        ends = { ...ends, [group.state]: ends[someFailed ? 'stopped' : 'succeeded'] + 1 };
      }),
    );
    expect(ends.stopped).toBeGreaterThan(5);
    expect(ends.succeeded).toBeGreaterThan(5);
  });
});

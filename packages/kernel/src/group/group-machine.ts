import type { GroupState, WaveStop } from '@countersign/protocol';
import type { Operation } from '../operation/operation.ts';
import type { Run } from '../run/run.ts';
import { runEnded } from '../run/run-machine.ts';
import type { GroupRecord } from './group.ts';

/** Every listed move of a group. */
export const groupMoves: Readonly<Record<GroupState, readonly GroupState[]>> = {
  waiting: ['running', 'stopped'],
  running: ['running', 'succeeded', 'stopped'],
  succeeded: [],
  stopped: [],
};

/** Moves a group; throws on an unlisted move, which is a bug of the caller. */
export function moveGroup(
  group: GroupRecord,
  to: GroupState,
  change: Partial<Pick<GroupRecord, 'begun' | 'start' | 'stop'>> & { readonly updatedAt: number },
): GroupRecord {
  if (!groupMoves[group.state].includes(to)) throw new Error(`group cannot go from ${group.state} to ${to}`);
  return { ...group, ...change, state: to };
}

/** How one operation of a group stands. */
export type MemberStanding =
  | { readonly is: 'unstarted' | 'under_way' | 'succeeded' }
  | { readonly is: 'failed'; readonly code: string; readonly reason: string };

/** How an operation and its run stand. What is in doubt, or was closed before it ran, has not succeeded. */
export function memberStanding(operation: Operation | null, run: Run | null): MemberStanding {
  if (run === null) {
    if (operation !== null && operation.state !== 'closed') return { is: 'unstarted' };
    const why = operation?.closedReason ?? 'gone';
    return { is: 'failed', code: 'E_STATE', reason: `it was closed before it ran: ${why}` };
  }
  if (run.state === 'succeeded') return { is: 'succeeded' };
  if (run.state === 'outcome_unknown') {
    return { is: 'failed', code: 'E_OUTCOME_UNKNOWN', reason: 'it is not known whether it had its effect' };
  }
  if (!runEnded(run.state)) return { is: 'under_way' };
  const { code, message } = run.failure ?? { code: 'E_INTERNAL', message: `its run is ${run.state}` };
  return { is: 'failed', code, reason: message };
}

/** What comes next for a group that runs: `wave` counts from 0. */
export type GroupNext =
  | { readonly next: 'wait' | 'succeed' }
  | { readonly next: 'begin'; readonly wave: number }
  | { readonly next: 'stop'; readonly stop: WaveStop };

/**
 * What comes next. A wave begins when every run of every wave before has succeeded; whatever failed anywhere in the group, begun or
 * not, stops the rest. Pure: asked again about the same standings it answers the same.
 */
export function nextOfGroup(group: GroupRecord, standingOf: (opId: string) => MemberStanding): GroupNext {
  if (group.state !== 'running') return { next: 'wait' };
  let isUnderWay = false;
  for (const [wave, members] of group.waves.entries()) {
    for (const { opId } of members) {
      const standing = standingOf(opId);
      if (standing.is === 'failed') {
        const { code, reason } = standing;
        return { next: 'stop', stop: { wave: wave + 1, op_id: opId, code, reason } };
      }
      if (wave < group.begun && standing.is !== 'succeeded') isUnderWay = true;
    }
  }
  if (isUnderWay) return { next: 'wait' };
  return group.begun === group.waves.length ? { next: 'succeed' } : { next: 'begin', wave: group.begun };
}

import {
  type GroupMember,
  type GroupRecord,
  type MemberStanding,
  memberStanding,
  type Reads,
  statusWords,
} from '@countersign/kernel';
import {
  type AiJobView,
  accept,
  type GroupView,
  JsonObject,
  type OperationView,
  type Outcome,
  refuse,
  type WavesView,
} from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation } from '../operation/find-operation.ts';
import { viewOperation } from '../operation/view-operation.ts';
import { showPlan } from '../plan/show-plan.ts';
import { standingsOf } from './advance-group.ts';
import { proposeLeft } from './propose-left.ts';

const mostOfGroup = 100;

function waveState(
  group: GroupRecord,
  wave: number,
  standings: readonly MemberStanding[],
): WavesView['waves'][number]['state'] {
  if (wave >= group.begun) return group.state === 'stopped' ? 'not_started' : 'pending';
  if (standings.some(({ is }) => is === 'failed')) return 'failed';
  return standings.every(({ is }) => is === 'succeeded') ? 'succeeded' : 'running';
}

/** What a person would type next. What was not started is proposed again, from how things are then. */
function nextOf(group: GroupRecord, operations: readonly OperationView[], notRun: readonly GroupMember[]): string[] {
  const { id, state } = group;
  if (state === 'waiting') return [`countersign group start ${id}`, `countersign group stop ${id}`];
  if (state === 'running') return [`countersign group watch ${id}`, `countersign group stop ${id}`];
  if (state === 'succeeded' || notRun.length === 0) return [];
  return [...proposeLeft(group, operations, notRun)];
}

/** Why a group stopped; what a caller does not see stopped it without a name and in no words of its own. */
function stopSeen({ stop }: GroupRecord, seen: ReadonlySet<string>): GroupRecord['stop'] {
  if (stop === null || stop.op_id === null || seen.has(stop.op_id)) return stop;
  return { ...stop, op_id: null, reason: 'an operation that you may not see did not succeed' };
}

async function viewWaves(reads: Reads, group: GroupRecord, operations: readonly OperationView[]): Promise<WavesView> {
  const seen = new Set(operations.map(({ op_id }) => op_id));
  const standings = await standingsOf(reads, group);
  const notRun = operations.filter(
    ({ run, state }) => state === 'closed' && (run === null || run.state === 'cancelled'),
  );
  const isNotRun = ({ opId }: GroupMember): boolean => notRun.some(({ op_id }) => op_id === opId);
  return {
    state: group.state,
    action: group.action,
    labels: group.labels,
    requester: group.requester.name,
    started_by: group.start?.by.principal ?? null,
    begun: group.begun,
    waves: group.waves.map((members, wave) => ({
      state: waveState(
        group,
        wave,
        members.map(({ opId }) => standings.get(opId) ?? memberStanding(null, null)),
      ),
      members: members
        .filter(({ opId }) => seen.has(opId))
        .map(({ opId, target, name }) => ({ op_id: opId, target, name })),
    })),
    stop: stopSeen(group, seen),
    created_at: group.createdAt,
    updated_at: group.updatedAt,
    next: nextOf(group, operations, group.waves.flat().filter(isNotRun)),
  };
}

/** The operations of a group that a caller sees, oldest first, and its waves. The plans that are answered count as shown to them. */
export async function readGroup(context: EngineContext, caller: Caller, groupId: string): Promise<Outcome<GroupView>> {
  const read = await context.store.read(async (reads) => {
    const filter = { group: groupId, limit: mostOfGroup, grants: caller.principal.grants };
    const operations = (await reads.operations.list(filter)).reverse();
    const seen = [];
    for (const operation of operations)
      seen.push({ operation, ...(await viewOperation(context, reads, operation, caller)) });
    const group = await reads.groups.get(groupId);
    const views = seen.map(({ view }) => view);
    return { seen, views, waves: group === null ? null : await viewWaves(reads, group, views) };
  });
  if (read.seen.length === 0) {
    return refuse('E_NOT_FOUND', `there is no group ${groupId} that you may see`, { next: 'see `countersign ls`' });
  }
  for (const { operation, plan } of read.seen) await showPlan(context, caller, operation, plan);
  return accept({ group_id: groupId, operations: read.views, waves: read.waves });
}

function resultOf({ run, op_id, bundle_id, steps }: OperationView): JsonObject {
  return JsonObject.parse({
    op_id,
    bundle_id,
    run_id: run?.run_id ?? null,
    actions: steps.map(({ action }) => action),
    summary: run?.summary ?? null,
    after: run?.steps.map(({ after }) => after) ?? [],
    artifacts: run?.artifacts ?? [],
  });
}

function errorOf({ run, plan, display }: OperationView): AiJobView['error'] {
  const { code = 'E_STATE', message = `it is ${display}` } = run?.failure ?? plan?.error ?? {};
  return { code, message };
}

function durationOf({ run }: OperationView): number | null {
  if (run === null || run.ended_at === null) return null;
  return Math.max(0, run.ended_at - (run.started_at ?? run.created_at));
}

/** One action that was taken, in the source's words (IP-5). What is unknown, foreign or past its time answers alike. */
export async function readJob(context: EngineContext, caller: Caller, jobId: string): Promise<Outcome<AiJobView>> {
  return await context.store.read(async (reads) => {
    const found = await findOperation(reads, caller, jobId, 'viewer');
    const operation = found.ok ? found.value : null;
    const now = context.clock.now();
    const over = operation?.state === 'closed' && now - operation.updatedAt >= context.settings.listedMs;
    if (operation === null || over) {
      return refuse('E_NOT_FOUND', `there is no job ${jobId} that you may see`, {
        next: 'its results are kept for a while',
      });
    }
    const { view, display } = await viewOperation(context, reads, operation, caller);
    const status = statusWords[display].ip;
    return accept({
      status,
      result: status === 'completed' ? resultOf(view) : null,
      error: status === 'error' ? errorOf(view) : null,
      duration_ms: durationOf(view),
      op_id: view.op_id,
      display: view.display,
      next: view.next,
    });
  });
}

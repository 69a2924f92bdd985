import type { ReplayRecord, ReplayReport } from '@countersign/protocol';
import { planReplay } from '@countersign/protocol';
import { replayRecord } from '../../replay/replay-record.ts';
import { same } from '../bench/attempt.ts';
import type { Bench } from '../bench/bench.ts';
import { recordedRun, recordOf } from '../bench/recorded-run.ts';
import type { ConformanceTarget } from '../harness.ts';
import type { WriteRule } from '../rule.ts';

/** Replays as an auditor does: later, over a connection that has seen nothing of the run. */
async function replayed<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  record: ReplayRecord,
): Promise<ReplayReport> {
  const actions = new Map(bench.harness.connector.actions.map((action) => [action.name, action]));
  return await replayRecord(bench.connect(3_600_000), actions, record, bench.context());
}

function isReplayable({ plan }: ReplayRecord): boolean {
  return planReplay(plan) !== 'none';
}

function unequal({ mode, compared }: ReplayReport): string[] {
  return compared
    .filter(({ equal }) => !equal)
    .map(({ step, what, expected, actual }) => `${mode} replay: ${what} of step ${step} is ${actual}, not ${expected}`);
}

const replayEqual: WriteRule = {
  id: 'replay-equal',
  title: 'what declares exact or simulated replays equal, also after the target moved on',
  async examine(bench, subject) {
    const record = await recordedRun(bench, subject);
    if (!isReplayable(record)) return [];
    const atOnce = await replayed(bench, record);
    const problems = unequal(atOnce);
    if (atOnce.matches !== true) problems.push('the replay does not match');
    // The digest and each diff stand for themselves; a replay that compares no result has not been one.
    const results = atOnce.compared.filter(({ step, what }) => step !== null && !what.startsWith('diff '));
    if (results.length < subject.steps.length) problems.push('the replay compares no result of some step');
    await subject.drift(bench.target);
    const later = await replayed(bench, record);
    problems.push(...unequal(later).map((problem) => `after the target moved on: ${problem}`));
    return problems;
  },
};

const replayLeavesTarget: WriteRule = {
  id: 'replay-changes-nothing',
  title: 'a replay leaves the target as it was, and has no effect',
  async examine(bench, subject) {
    const record = await recordedRun(bench, subject);
    const [snapshot, effects] = [await bench.target.snapshot(), await bench.target.effects()];
    await replayed(bench, record);
    const problems = same(snapshot, await bench.target.snapshot()) ? [] : ['the replay changed the target'];
    if (effects !== (await bench.target.effects())) problems.push('the replay had an effect');
    return problems;
  },
};

const replayNotices: WriteRule = {
  id: 'replay-notices',
  title: 'a replay finds a diff that was changed, with the digest made to fit',
  async examine(bench, subject) {
    const record = await recordedRun(bench, subject);
    if (!isReplayable(record)) return [];
    const { plan, steps } = record;
    const problems: string[] = [];
    for (const [index, diff] of plan.diffs.entries()) {
      const diffs = plan.diffs.with(index, { ...diff, patch: `${diff.patch} ` });
      const { matches } = await replayed(bench, recordOf({ ...plan, diffs }, steps));
      if (matches !== false) problems.push(`a changed diff of ${diff.path} replays as equal`);
    }
    return problems;
  },
};

export const replayRules: readonly WriteRule[] = [replayEqual, replayLeavesTarget, replayNotices];

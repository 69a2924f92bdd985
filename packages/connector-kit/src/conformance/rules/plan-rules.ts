import { type Json, PlannedContent } from '@countersign/protocol';
import { same } from '../bench/attempt.ts';
import { stored } from '../bench/bench.ts';
import type { WriteRule } from '../rule.ts';

/** The digested part of what a plan found. */
function digested(content: PlannedContent): Json {
  const { volatile: _aged, ...rest } = content;
  return stored(rest);
}

const planValid: WriteRule = {
  id: 'plan-valid',
  title: 'a plan fits its schema, blocks nothing, and shows what changes',
  async examine(bench, subject) {
    const steps = bench.parse(subject.steps);
    const content = await bench.connect().plan(steps, bench.context());
    const parsed = PlannedContent.safeParse(content);
    if (!parsed.success) return [`the plan does not fit its schema: ${parsed.error.message}`];
    const problems = parsed.data.checks
      .filter((check) => check.status === 'fail')
      .map((check) => `check ${check.id} fails: ${check.message}`);
    if (content.preconditions.length === 0) problems.push('the plan depends on nothing: no precondition');
    for (const step of steps) {
      if (!content.diffs.some((diff) => diff.step === step.index)) problems.push(`step ${step.index} shows no diff`);
    }
    if (content.diffs.some((diff) => diff.step >= steps.length)) problems.push('a diff names a step that is not there');
    if (!same(stored(parsed.data), stored(content))) problems.push('the plan is not plain JSON');
    return problems;
  },
};

const planDeterministic: WriteRule = {
  id: 'plan-deterministic',
  title: 'the same request on the same state has the same plan, in any process, at any time, under any key',
  async examine(bench, subject) {
    const connection = bench.connect();
    const first = await connection.plan(bench.parse(subject.steps), bench.context());
    const again = await connection.plan(bench.parse(subject.steps), bench.context());
    const other = await bench.connect(3_600_000).plan(bench.parse(subject.steps), bench.context());
    const problems: string[] = [];
    if (!same(digested(first), digested(again))) problems.push('a second plan of one connection differs');
    if (!same(digested(first), digested(other))) problems.push('the plan of another connection differs');
    return problems;
  },
};

const planLeavesTarget: WriteRule = {
  id: 'plan-changes-nothing',
  title: 'plan, observe and before leave the target as it was',
  async examine(bench, subject) {
    const steps = bench.parse(subject.steps);
    const connection = bench.connect();
    const [snapshot, effects] = [await bench.target.snapshot(), await bench.target.effects()];
    const problems: string[] = [];
    const unchanged = async (what: string): Promise<void> => {
      if (!same(snapshot, await bench.target.snapshot())) problems.push(`${what} changed the target`);
      if (effects !== (await bench.target.effects())) problems.push(`${what} had an effect`);
    };
    await connection.plan(steps, bench.context());
    await unchanged('plan');
    const seen = await connection.observe(steps, bench.context());
    await unchanged('observe');
    const [first] = steps;
    if (first !== undefined) await connection.before(first, stored(seen.guard), bench.context());
    await unchanged('before');
    return problems;
  },
};

const observeMatches: WriteRule = {
  id: 'observe-equals-plan',
  title: 'observe finds the identity and preconditions of the plan on the same state',
  async examine(bench, subject) {
    const planned = await bench.connect().plan(bench.parse(subject.steps), bench.context());
    const seen = await bench.connect(60_000).observe(bench.parse(subject.steps), bench.context());
    const problems: string[] = [];
    if (seen.identity !== planned.identity) problems.push(`identity ${seen.identity} is not ${planned.identity}`);
    if (!same(stored(seen.preconditions), stored(planned.preconditions))) {
      problems.push('observe and plan differ in preconditions on one state');
    }
    stored(seen.guard);
    return problems;
  },
};

export const planRules: readonly WriteRule[] = [planValid, planDeterministic, planLeavesTarget, observeMatches];

import type { Applied } from '../../connector/connector.ts';
import { type Attempt, attempt, failureProblems, same, say } from '../bench/attempt.ts';
import { stored } from '../bench/bench.ts';
import { applyIntent, intend, look, runList } from '../bench/list-run.ts';
import type { WriteRule } from '../rule.ts';

const staleSeen: WriteRule = {
  id: 'stale-preconditions',
  title: 'drift shows in the preconditions',
  async examine(bench, subject) {
    const steps = bench.parse(subject.steps);
    const connection = bench.connect();
    const planned = await connection.plan(steps, bench.context());
    await subject.drift(bench.target);
    const seen = await connection.observe(steps, bench.context());
    return same(stored(planned.preconditions), stored(seen.preconditions))
      ? ['the preconditions are the same after drift']
      : [];
  },
};

const staleGuard: WriteRule = {
  id: 'stale-guard',
  title: 'an old guard has no effect and says so',
  async examine(bench, subject) {
    const steps = bench.parse(subject.steps);
    const [first] = steps;
    if (first === undefined || bench.idempotency(first.action) === 'none') return [];
    const connection = bench.connect();
    const { guard } = await look(connection, steps, bench.context());
    // A target that only keeps keys has nothing to compare.
    if (bench.idempotency(first.action) === 'target_key' && guard === null) return [];
    const intent = await intend(connection, first, guard, bench.context(), bench.target.ports.now());
    await subject.drift(bench.target);
    const [state, effects] = [await bench.target.state(), await bench.target.effects()];
    const ended = await attempt(bench.boundMs, () => applyIntent(connection, first, intent, bench.context()));
    const problems = failureProblems('apply with an old guard', ended, ['E_PLAN_STALE'], 'none');
    if ((await bench.target.effects()) !== effects) problems.push('apply with an old guard had an effect');
    if (!same(state, await bench.target.state())) problems.push('apply with an old guard changed the state');
    return problems;
  },
};

const applyOnce: WriteRule = {
  id: 'apply-once',
  title: 'applying the list has its effects once, and they verify',
  async examine(bench, subject) {
    const effects = await bench.target.effects();
    const connection = bench.connect();
    const steps = bench.parse(subject.steps);
    await runList(connection, steps, bench.context(), bench.target.ports.now());
    const had = (await bench.target.effects()) - effects;
    const due = subject.effects ?? steps.length;
    return had === due ? [] : [`the target counted ${had} effects; ${due} were due`];
  },
};

/** Where the target keeps the key, the first effect is found again and answered. */
function sameAnswer(once: Applied, again: Attempt<Applied>): string[] {
  if (again.kind === 'error') return [`the second apply fails on its own effect: ${say(again.error)}`];
  if (again.kind === 'hung') return [];
  const { after, guard } = again.value;
  return same(once.after, after) && same(once.guard, guard) ? [] : ['the second apply answers something else'];
}

const applyTwice: WriteRule = {
  id: 'apply-twice',
  title: 'a second apply of the same intent has no second effect where idempotency is declared',
  async examine(bench, subject) {
    const steps = bench.parse(subject.steps);
    const [first] = steps;
    if (first === undefined || bench.idempotency(first.action) === 'none') return [];
    const connection = bench.connect();
    const { guard } = await look(connection, steps, bench.context());
    const intent = await intend(connection, first, guard, bench.context(), bench.target.ports.now());
    const once = await applyIntent(connection, first, intent, bench.context());
    const [state, effects] = [await bench.target.state(), await bench.target.effects()];
    const again = await attempt(bench.boundMs, () => applyIntent(bench.connect(), first, intent, bench.context()));
    const problems: string[] = [];
    if (again.kind === 'hung') problems.push('the second apply hangs');
    if (bench.idempotency(first.action) === 'guard') {
      problems.push(...failureProblems('the second apply', again, ['E_PLAN_STALE'], 'none'));
    }
    if (bench.idempotency(first.action) === 'target_key') problems.push(...sameAnswer(once, again));
    if ((await bench.target.effects()) !== effects) problems.push('the second apply had an effect');
    if (!same(state, await bench.target.state())) problems.push('the second apply changed the state');
    return problems;
  },
};

const verifyCatches: WriteRule = {
  id: 'verify-reads-back',
  title: 'verify looks at the target: what was taken back fails, what stands passes, nothing is changed',
  async examine(bench, subject) {
    const connection = bench.connect();
    const steps = bench.parse(subject.steps);
    const done = await runList(connection, steps, bench.context(), bench.target.ports.now());
    const last = done.at(-1);
    if (last === undefined) return ['the case has no step'];
    const snapshot = await bench.target.snapshot();
    const standing = await attempt(bench.boundMs, () =>
      bench.connect().verify(last.step, last.intent.before, last.applied, bench.context()),
    );
    const problems: string[] = [];
    if (standing.kind === 'hung') problems.push('verify hangs');
    if (standing.kind === 'error') problems.push(`verify fails on what stands: ${say(standing.error)}`);
    if (!same(snapshot, await bench.target.snapshot())) problems.push('verify changed the target');
    if (subject.undo === undefined) return problems;
    await subject.undo(bench.target);
    const undone = await attempt(bench.boundMs, () =>
      bench.connect().verify(last.step, last.intent.before, last.applied, bench.context()),
    );
    return [...problems, ...failureProblems('verify of what was taken back', undone, ['E_VERIFY'])];
  },
};

const rollback: WriteRule = {
  id: 'rollback-restores',
  title: 'the rollback plan brings the state back',
  async examine(bench, subject) {
    const state = await bench.target.state();
    const connection = bench.connect();
    const steps = bench.parse(subject.steps);
    const planned = await connection.plan(steps, bench.context());
    const inverse = planned.rollback;
    if (!inverse.possible) return [];
    const problems: string[] = [];
    if (inverse.steps.some((step) => step.undoes >= steps.length)) problems.push('an inverse undoes no step');
    for (const step of steps) {
      const { compensation } = bench.action(steps[step.index - 1]?.action ?? step.action);
      // What only puts the step before right leaves nothing of its own to take back.
      if (compensation?.action === step.action) continue;
      if (!inverse.steps.some((each) => each.undoes === step.index)) problems.push(`step ${step.index} has no inverse`);
    }
    await runList(connection, steps, bench.context(), bench.target.ports.now());
    const back = bench.parse(inverse.steps.map(({ action, inputs }) => ({ action, inputs })));
    const replanned = await bench.connect().plan(back, bench.context());
    for (const check of replanned.checks) {
      if (check.status === 'fail') problems.push(`the inverse does not plan: ${check.id}: ${check.message}`);
    }
    await runList(bench.connect(), back, bench.context(), bench.target.ports.now());
    if (!same(state, await bench.target.state())) problems.push('the state after the rollback is not the one before');
    return problems;
  },
};

export const applyRules: readonly WriteRule[] = [staleSeen, staleGuard, applyOnce, applyTwice, verifyCatches, rollback];

import type { Check, Diff } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { bodyOf } from '../fixture/rows.ts';
import { withDiffCheck } from '../plan/undiffed-steps.ts';
import { runFacts } from './run-facts.ts';

const target = { name: 't', project: 'p', environment: 'e', tier: 'prod', connector: 'c' } as const;
const diff = (step: number): Diff => ({ step, path: 'a', summary: 's', patch: 'p' });
const check = (id: string, status: Check['status'], severity: Check['severity'] = 'error'): Check => {
  return { id, status, severity, message: 'm' };
};

it('a change without a diff does not run: a step that shows none fails a check (CP-8)', () => {
  expect(withDiffCheck(2, [diff(0), diff(1)], [check('a', 'pass')])).toEqual([check('a', 'pass')]);
  const added = withDiffCheck(3, [diff(1)], [check('a', 'fail', 'warning')]);
  expect(added[1]).toMatchObject({ id: 'plan.every_step_has_a_diff', status: 'fail', severity: 'error' });
  expect(added[1]?.message).toContain('step(s) 0, 2');
  expect(withDiffCheck(1, [], []).length).toBe(1);
  // What forbids the run already says why there is nothing to show.
  expect(withDiffCheck(1, [], [check('exists', 'fail')])).toEqual([check('exists', 'fail')]);
});

it('a run tells what was executed, shown and checked (CP-8)', () => {
  const step = (action: string, intentAt: number | null) => ({ action, intentAt });
  const plan = {
    schema: 'countersign.plan.v1',
    target: { ...target, identity: 'i' },
    steps: [],
    preconditions: [],
    diffs: [diff(0), diff(0)],
    checks: [check('odoo.dry_run', 'pass'), check('dry_run:shop', 'warn', 'warning'), check('x', 'fail')],
    rollback: { possible: false, reason: 'r' },
    connector: { name: 'c', version: '1', manifest_hash: `sha256:${'0'.repeat(64)}` },
  } as const;
  const body = { ...plan, steps: [], preconditions: [], diffs: [...plan.diffs], checks: [...plan.checks] };
  expect(runFacts(target, body, [step('odoo.upgrade_modules', 5), step('odoo.install', null)])).toEqual({
    project: 'p',
    environment: 'e',
    tier: 'prod',
    steps: 2,
    effects: 1,
    diffs: 2,
    undiffed: 1,
    checks: 3,
    blocking: 1,
    upgrade: true,
    dry_run: 'warn',
  });
  const none = runFacts(target, null, [step('repo.downgraded', 1)]);
  expect(none).toMatchObject({ diffs: 0, undiffed: 1, checks: 0, upgrade: false, dry_run: null });
});

it.each([
  [['dry_run'], ['pass'], 'pass'],
  [['odoo.dry_run.a', 'odoo.dry_run.b'], ['pass', 'fail'], 'fail'],
  [['odoo:dry_run', 'dry_run'], ['warn', 'pass'], 'warn'],
  [['a.dry_run', 'b.dry_run'], ['fail', 'warn'], 'fail'],
  [['dry_runs', 'xdry_run', 'a-dry_run'], ['pass', 'pass', 'pass'], null],
] as const)('dry runs %j that ended as %j count as %j', (ids, statuses, told) => {
  const checks = ids.map((id, at) => check(id, statuses[at] ?? 'pass'));
  const plan = { ...bodyOf(), checks };
  expect(runFacts(target, plan, []).dry_run).toBe(told);
});

it.each([
  ['odoo.upgrade', true],
  ['odoo.upgrade_modules', true],
  ['odoo.do_the_upgrade', true],
  ['odoo.upgraded', false],
  ['odoo.downgrade', false],
  ['upgrade', false],
])('%s is an upgrade: %j', (action, told) => {
  expect(runFacts(target, null, [{ action, intentAt: null }]).upgrade).toBe(told);
});

it('effects are the steps that were begun', () => {
  const steps = [1, null, 2].map((intentAt) => ({ action: 'a.b', intentAt }));
  expect(runFacts(target, null, steps)).toMatchObject({ steps: 3, effects: 2 });
});

import { type Check, ClosedReason } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { approvalOf, digestOf, failedPlan, operationOf, planOf, runOf, verdictOf } from '../fixture/rows.ts';
import { displayStatus } from './display-status.ts';

const a = digestOf('a');
const check = (change: Partial<Check>): Check => ({
  id: 'c',
  status: 'pass',
  severity: 'error',
  message: '',
  ...change,
});
const planned = (checks: Check[] = [], operation = operationOf()) =>
  displayStatus(operation, planOf(a, checks), [], null, 0);

it('a planned operation without a plan is planned still, and one whose plan failed shows that', () => {
  expect(displayStatus(operationOf(), null, [], null, 0)).toEqual({ status: 'planning', detail: {} });
  expect(displayStatus(operationOf(), failedPlan, [], null, 0).status).toBe('plan_failed');
  // Neither part of a plan that failed counts alone.
  expect(displayStatus(operationOf(), { ...planOf(a), state: 'error' }, [], null, 0).status).toBe('plan_failed');
  expect(displayStatus(operationOf(), { ...planOf(a), body: null }, [], null, 0).status).toBe('plan_failed');
});

it('only a failing error shows as failed checks', () => {
  expect(planned([check({ status: 'fail' })]).status).toBe('checks_failed');
  expect(planned([check({}), check({ status: 'fail' })]).status).toBe('checks_failed');
  expect(planned([check({})]).status).toBe('ready');
  expect(planned([check({ status: 'warn' })]).status).toBe('ready');
  expect(planned([check({ status: 'fail', severity: 'warning' })]).status).toBe('ready');
});

it('without a verdict, or with a denial, it is denied', () => {
  expect(planned([], operationOf({ verdict: null })).status).toBe('denied');
  expect(planned([], operationOf({ verdict: verdictOf('deny') })).status).toBe('denied');
  expect(planned([], operationOf({ verdict: verdictOf('deny', [{ kind: 'confirm' }]) })).status).toBe('denied');
});

it('approvals that are void do not make an allowed operation wait again; those of another plan do', () => {
  const status = (change: object, digest = a) =>
    displayStatus(operationOf(), planOf(a), [approvalOf('approve', digest, 10, change)], null, 5).status;
  expect(status({})).toBe('ready');
  expect(status({ voidedAt: 1 })).toBe('ready');
  expect(status({}, digestOf('b'))).toBe('waiting_approval');
  expect(
    displayStatus(operationOf(), { ...planOf(a), digest: null }, [approvalOf('approve', '', 10)], null, 5),
  ).toEqual({
    status: 'ready',
    detail: {},
  });
});

it.each(ClosedReason.options)('an operation closed as %s shows what that means', (closedReason) => {
  const closed = operationOf({ state: 'closed', closedReason });
  const shown = { executed: 'succeeded', failed: 'failed' };
  const expected = closedReason === 'executed' || closedReason === 'failed' ? shown[closedReason] : closedReason;
  expect(displayStatus(closed, planOf(a), [], null, 0)).toEqual({ status: expected, detail: {} });
});

it('closed as failed before any run it was the plan that failed; closed without a reason it failed', () => {
  const failed = operationOf({ state: 'closed', closedReason: 'failed' });
  expect(displayStatus(failed, failedPlan, [], null, 0)).toEqual({ status: 'plan_failed', detail: {} });
  expect(displayStatus(failed, null, [], null, 0)).toEqual({ status: 'failed', detail: {} });
  expect(displayStatus({ ...failed, closedReason: null }, null, [], null, 0).status).toBe('failed');
});

it('nothing counts as rolled back that nobody said was', () => {
  expect(displayStatus(operationOf(), planOf(a), [], runOf({ state: 'succeeded' }), 0).status).toBe('succeeded');
  expect(displayStatus(operationOf(), planOf(a), [], runOf({ state: 'failed' }), 0).status).toBe('failed');
});

import type { Job, Json } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { approvalOf, digestOf, doneStep, jobOf, openIntent, plan } from '../fixture/fake-job.ts';
import { play } from '../fixture/scripted-work.ts';
import { approvedPlan } from './approved-plan.ts';

const job = jobOf(2);

/** The job's first step with these inputs, under a plan whose first step has those. */
function given(inputs: Json, planned: Json): Job {
  const stepsWith = (value: Json) =>
    job.steps.map((step) => (step.index === 0 ? { ...step, inputs: { value } } : step));
  return { ...job, ...approvalOf(stepsWith(planned)), steps: stepsWith(inputs) };
}
const sealed = { $sealed: 'hmac' };

describe('approvedPlan', () => {
  it('answers the plan that the digest names', () => {
    expect(approvedPlan(job)).toBe(job.plan);
  });

  it.each<[string, Partial<Job>]>([
    ['no plan', { plan: null }],
    ['no digest', { plan_digest: null }],
    ['another digest', { plan_digest: digestOf('0') }],
    ['another plan', { plan: { ...plan, diffs: [] } }],
    ['a plan that canonical JSON cannot write', { plan: { ...plan, rollback: { possible: false, reason: '\ud800' } } }],
    ['another target', { target: { ...job.target, name: 'other' } }],
    ['a step less', { steps: job.steps.slice(1) }],
    ['a step more', { steps: [...job.steps, ...job.steps] }],
    ['steps in another order', { steps: job.steps.toReversed() }],
    ['another action', { steps: job.steps.map((step) => ({ ...step, action: 'fake.drop' })) }],
    ['another input', { steps: job.steps.map((step) => ({ ...step, inputs: { value: 'v0 ' } })) }],
    ['an input more', { steps: job.steps.map((step) => ({ ...step, inputs: { ...step.inputs, more: 1 } })) }],
    ['no input', { steps: job.steps.map((step) => ({ ...step, inputs: {} })) }],
  ])('refuses %s', async (_, change) => {
    expect(() => approvedPlan({ ...job, ...change })).toThrow(expect.objectContaining({ code: 'E_DIGEST_MISMATCH' }));
    const { log, completed } = await play({ ...job, ...change });
    expect(log).toEqual(['complete run failed']);
    expect(completed).toMatchObject([{ failure: { code: 'E_DIGEST_MISMATCH' } }]);
  });

  it.each<[Json, Json, boolean]>([
    ['secret', sealed, true],
    [['secret'], sealed, false],
    [{ a: ['secret', 1] }, { a: [sealed, 1] }, true],
    [{ a: ['secret', 2] }, { a: [sealed, 1] }, false],
    [{ a: ['secret'] }, { a: [sealed, 1] }, false],
    ['curl -u x:secret host', { $sealed_parts: ['curl -u x:', sealed, ' host'] }, true],
    ['curl -u x: host', { $sealed_parts: ['curl -u x:', sealed, ' host'] }, true],
    ['curl -u x:secret host2', { $sealed_parts: ['curl -u x:', sealed, ' host'] }, false],
    ['wget -u x:secret host', { $sealed_parts: ['curl -u x:', sealed, ' host'] }, false],
    ['>curl -u x:secret', { $sealed_parts: ['curl -u x:', sealed] }, false],
    ['one and two', { $sealed_parts: [sealed, ' and ', sealed] }, true],
    ['one or two', { $sealed_parts: [sealed, ' and ', sealed] }, false],
    [{ value: 1 }, { value: 1, more: 2 }, false],
    [{ toString: 1 }, { toString: 1 }, true],
    [{}, { toString: 1 }, false],
    [[], {}, false],
    [null, {}, false],
    [{}, [], false],
  ])('given %j where %j was planned: %j', (value, planned, fits) => {
    if (fits) expect(approvedPlan(given(value, planned)).steps).toHaveLength(2);
    else expect(() => approvedPlan(given(value, planned))).toThrow('are not those that were approved');
  });

  it('lets a changed plan clear up no doubt: it is left as it is', async () => {
    const doubt: Partial<Job> = { kind: 'reconcile', done: [doneStep(0, 'unknown')], intent: openIntent(0) };
    const { log } = await play(jobOf(2, { ...doubt, plan_digest: digestOf('0') }));
    expect(log).toEqual(['complete reconcile indeterminate']);
  });
});

import { StepState } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bodyOf, stepOf } from '../fixture/rows.ts';
import { planRollback } from './plan-rollback.ts';

const undo = (undoes: number) => ({ action: 'fake.set', inputs: { undo: undoes }, undoes });
const bodyWith = (count: number) =>
  bodyOf({
    rollback: {
      possible: true,
      summary: 'back',
      steps: Array.from({ length: count }, (_, index) => undo(count - 1 - index)),
    },
  });

it('takes back what was applied, in reverse order, exactly as it was shown', () => {
  const steps = [stepOf(0, 'verified'), stepOf(1, 'verified'), stepOf(2, 'skipped')];
  expect(planRollback(bodyWith(3), steps)).toEqual({
    ok: true,
    value: [
      { action: 'fake.set', inputs: { undo: 1 } },
      { action: 'fake.set', inputs: { undo: 0 } },
    ],
  });
});

it('counts a step that failed after its effect, not one that failed without', () => {
  const steps = [stepOf(0, 'failed', { commit: 'c' }), stepOf(1, 'failed')];
  expect(planRollback(bodyWith(2), steps)).toMatchObject({ ok: true, value: [{ inputs: { undo: 0 } }] });
});

it('refuses where the plan said that there is no way back, with its reason', () => {
  const outcome = planRollback(bodyOf(), [stepOf(0, 'verified')]);
  expect(outcome).toMatchObject({
    ok: false,
    code: 'E_STATE',
    message: expect.stringContaining('sent mail stays sent'),
  });
});

it('for any states: doubt forbids, nothing applied refuses, else the inverses of the applied in reverse', () => {
  const states = fc.array(fc.tuple(fc.constantFrom(...StepState.options), fc.boolean()), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(states, (list) => {
      const steps = list.map(([state, had], index) => stepOf(index, state, had ? { had } : null));
      const outcome = planRollback(bodyWith(list.length), steps);
      const doubt = list.some(([state]) => state === 'unknown' || state === 'intent');
      const had = list.flatMap(([state, after], index) =>
        state === 'applied' || state === 'verified' || (state === 'failed' && after) ? [index] : [],
      );
      if (doubt) expect(outcome).toMatchObject({ ok: false, code: 'E_OUTCOME_UNKNOWN' });
      else if (had.length === 0) expect(outcome).toMatchObject({ ok: false, code: 'E_STATE' });
      else if (outcome.ok) expect(outcome.value.map((step) => step.inputs['undo'])).toEqual(had.reverse());
      else expect.fail(outcome.message);
    }),
  );
});

it.each([
  [bodyWith(1), [stepOf(0, 'unknown')], 'E_OUTCOME_UNKNOWN', /outcome is unknown/, /resolve the outcome/],
  [bodyOf(), [stepOf(0, 'verified')], 'E_STATE', /cannot be rolled back/, /new operation/],
  [bodyWith(1), [stepOf(0, 'skipped')], 'E_STATE', /nothing was applied/, /no action is needed/],
] as const)('a refusal says why and what to do', (body, steps, code, message, next) => {
  expect(planRollback(body, steps)).toEqual({
    ok: false,
    code,
    message: expect.stringMatching(message),
    detail: { next: expect.stringMatching(next) },
  });
});

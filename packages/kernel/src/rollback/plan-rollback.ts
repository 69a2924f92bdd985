import { accept, type Outcome, type PlanBody, refuse, type StepInput } from '@countersign/protocol';
import type { Step } from '../run/run.ts';

/** The inverses of the applied steps, in reverse order, exactly as the plan showed them. */
export function planRollback(body: PlanBody, steps: readonly Step[]): Outcome<StepInput[]> {
  if (steps.some((step) => step.state === 'unknown' || step.state === 'intent')) {
    return refuse('E_OUTCOME_UNKNOWN', 'a step whose outcome is unknown forbids a rollback', {
      next: 'wait for the reconcile, or resolve the outcome first',
    });
  }
  if (!body.rollback.possible) {
    return refuse('E_STATE', `this operation cannot be rolled back: ${body.rollback.reason}`, {
      next: 'propose a new operation that brings about the state you want',
    });
  }
  const applied = new Set(
    steps
      .filter(
        (step) =>
          step.state === 'applied' || step.state === 'verified' || (step.state === 'failed' && step.after !== null),
      )
      .map((step) => step.index),
  );
  const inverses = body.rollback.steps.filter((step) => applied.has(step.undoes));
  if (inverses.length === 0) {
    return refuse('E_STATE', 'nothing was applied, so there is nothing to roll back', { next: 'no action is needed' });
  }
  return accept(inverses.map(({ action, inputs }) => ({ action, inputs })));
}

import type { RunState, StepState } from '@countersign/protocol';
import type { Run, Step } from './run.ts';

/** Every listed move of a run. `outcome_unknown` is not an end: it goes on by reconcile or by a person's word. */
export const runMoves: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ['running', 'cancelled', 'failed'],
  running: ['running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'outcome_unknown'],
  cancelling: ['cancelling', 'succeeded', 'failed', 'cancelled', 'outcome_unknown'],
  outcome_unknown: ['outcome_unknown', 'running', 'cancelling', 'succeeded', 'failed'],
  succeeded: [],
  failed: [],
  cancelled: [],
};

/** Every listed move of a step. An effect only ever follows `intent`. */
export const stepMoves: Readonly<Record<StepState, readonly StepState[]>> = {
  pending: ['intent', 'skipped', 'failed'],
  intent: ['intent', 'applied', 'verified', 'failed', 'unknown'],
  applied: ['verified', 'failed', 'unknown'],
  unknown: ['unknown', 'applied', 'verified', 'failed'],
  verified: [],
  failed: [],
  skipped: [],
};

const endedRunStates: readonly RunState[] = ['succeeded', 'failed', 'cancelled'];

/** Whether a run is over for good. */
export function runEnded(state: RunState): boolean {
  return endedRunStates.includes(state);
}

const doubtful: readonly StepState[] = ['intent', 'applied', 'unknown'];

/** The step that may have had its effect and is not verified; while there is one, its run must not end. */
export function stepInDoubt(steps: readonly Step[]): Step | undefined {
  return steps.find((step) => doubtful.includes(step.state));
}

/** Moves a run; throws on an unlisted move. */
export function moveRun(run: Run, to: RunState, change: Partial<Omit<Run, 'id' | 'operationId' | 'state'>> = {}): Run {
  if (!runMoves[run.state].includes(to)) throw new Error(`run cannot go from ${run.state} to ${to}`);
  return { ...run, ...change, state: to };
}

/** Moves a step; throws on an unlisted move. */
export function moveStep(
  step: Step,
  to: StepState,
  change: Partial<Omit<Step, 'runId' | 'index' | 'state'>> = {},
): Step {
  if (!stepMoves[step.state].includes(to)) throw new Error(`step ${step.index} cannot go from ${step.state} to ${to}`);
  return { ...step, ...change, state: to };
}

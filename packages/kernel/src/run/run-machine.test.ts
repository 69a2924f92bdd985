import { RunState, StepState } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { runOf, stepOf } from '../fixture/rows.ts';
import { moveRun, moveStep, runEnded, runMoves, stepInDoubt, stepMoves } from './run-machine.ts';

const runPairs = RunState.options.flatMap((from) => RunState.options.map((to) => [from, to] as const));
const stepPairs = StepState.options.flatMap((from) => StepState.options.map((to) => [from, to] as const));

/** Every way from `pending` in up to `length` moves, states visited once but for loops on themselves. */
function pathsTo(to: StepState, from: StepState = 'pending', seen: readonly StepState[] = []): StepState[][] {
  const path = [...seen, from];
  const here = from === to ? [path] : [];
  const onward = stepMoves[from].filter((next) => !path.includes(next));
  return [...here, ...onward.flatMap((next) => pathsTo(to, next, path))];
}

describe('the run machine', () => {
  it('is this table: whoever changes it changes what may ever happen', () => {
    expect(runMoves).toEqual({
      queued: ['running', 'cancelled', 'failed'],
      running: ['running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'outcome_unknown'],
      cancelling: ['cancelling', 'succeeded', 'failed', 'cancelled', 'outcome_unknown'],
      outcome_unknown: ['outcome_unknown', 'running', 'cancelling', 'succeeded', 'failed'],
      succeeded: [],
      failed: [],
      cancelled: [],
    });
  });

  it.each(runPairs)('from %s to %s moves only where listed', (from, to) => {
    const run = runOf({ state: from });
    if (runMoves[from].includes(to))
      expect(moveRun(run, to, { attempt: 7 })).toEqual({ ...run, state: to, attempt: 7 });
    else expect(() => moveRun(run, to)).toThrow(`run cannot go from ${from} to ${to}`);
    expect(run.state).toBe(from);
  });

  it.each(RunState.options)('%s is an end exactly when nothing follows', (state) => {
    expect(runEnded(state)).toBe(runMoves[state].length === 0);
  });

  it('from every state that is no end, an end can be reached', () => {
    const reaches = (state: RunState, seen: RunState[] = []): boolean =>
      runEnded(state) ||
      runMoves[state].some((next) => !seen.includes(next) && next !== state && reaches(next, [...seen, state]));
    expect(RunState.options.filter((state) => !reaches(state))).toEqual([]);
  });

  it('an unknown outcome is never forgotten: it does not become cancelled or queued', () => {
    expect(runMoves.outcome_unknown).not.toContain('cancelled');
    expect(RunState.options.filter((from) => runMoves[from].includes('queued'))).toEqual([]);
  });
});

describe('the step machine', () => {
  it.each(stepPairs)('from %s to %s moves only where listed', (from, to) => {
    const step = stepOf(0, from);
    if (stepMoves[from].includes(to))
      expect(moveStep(step, to, { after: 1 })).toEqual({ ...step, state: to, after: 1 });
    else expect(() => moveStep(step, to)).toThrow(`step 0 cannot go from ${from} to ${to}`);
    expect(step.state).toBe(from);
  });

  it.each(['applied', 'verified', 'unknown'] as const)('%s is reached through intent only', (state) => {
    const paths = pathsTo(state);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !path.includes('intent') || path.indexOf('intent') !== 1)).toEqual([]);
  });

  it('nothing leads back to pending, and nothing but pending leads to intent', () => {
    expect(StepState.options.filter((from) => stepMoves[from].includes('pending'))).toEqual([]);
    expect(StepState.options.filter((from) => stepMoves[from].includes('intent'))).toEqual(['pending', 'intent']);
  });

  it('ends are verified, failed and skipped', () => {
    expect(StepState.options.filter((state) => stepMoves[state].length === 0).sort()).toEqual([
      'failed',
      'skipped',
      'verified',
    ]);
  });

  it('what was begun is never skipped', () => {
    expect(StepState.options.filter((from) => stepMoves[from].includes('skipped'))).toEqual(['pending']);
  });
});

describe('a step in doubt', () => {
  it('is one that may have had its effect and is not verified', () => {
    const doubtful = StepState.options.filter((state) => stepInDoubt([stepOf(0, state)]) !== undefined);
    expect(doubtful.sort()).toEqual(['applied', 'intent', 'unknown']);
  });

  it('is found behind others, the first of several', () => {
    const steps = [stepOf(0, 'verified'), stepOf(1, 'unknown'), stepOf(2, 'intent')];
    expect(stepInDoubt(steps)).toBe(steps[1]);
    expect(stepInDoubt([])).toBeUndefined();
  });
});

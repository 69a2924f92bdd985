import type { Replay } from '../action/action.ts';
import type { PlanBody } from '../plan/plan.ts';
import type { Json } from '../scalar/scalar.ts';
import type { RecordedStep, ReplayRecord, ReplayReport } from './replay.ts';
import { weakestReplay } from './replay-mode.ts';

function holdsSealed(value: Json): boolean {
  if (Array.isArray(value)) return value.some(holdsSealed);
  if (typeof value !== 'object' || value === null) return false;
  if (Object.hasOwn(value, '$sealed') || Object.hasOwn(value, '$sealed_parts')) return true;
  return Object.values(value).some(holdsSealed);
}

/** Where a step was verified or applied, or failed after the target had answered, its effect was had. */
export function wasApplied({ state, after }: Pick<RecordedStep, 'state' | 'after'>): boolean {
  return state === 'verified' || state === 'applied' || (state === 'failed' && after !== null);
}

function modesOf(plan: PlanBody): Replay[] {
  return plan.steps.map(({ replay, inputs }) => (holdsSealed(inputs) ? 'none' : replay));
}

/** How a plan as a whole can be replayed: its weakest step, where one with a secret among its inputs cannot be at all. */
export function planReplay(plan: PlanBody): Replay {
  return weakestReplay(modesOf(plan));
}

/** The steps of a record as a report names them. */
export function replayedSteps({ plan, steps }: ReplayRecord): ReplayReport['steps'] {
  const modes = modesOf(plan);
  return plan.steps.map(({ index, action }, position) => {
    const recorded = steps.find((known) => known.index === index);
    const mode = modes[position] ?? 'none';
    const replayed = recorded !== undefined && wasApplied(recorded) && mode !== 'none';
    return { index, action, mode, state: recorded?.state ?? 'skipped', replayed };
  });
}

/** The report on a record that cannot be replayed, saying why; null for one that can. */
export function noReplay(record: ReplayRecord): ReplayReport | null {
  const { plan } = record;
  if (planReplay(plan) !== 'none') return null;
  const why = plan.steps.some(({ inputs }) => holdsSealed(inputs))
    ? 'an input was a secret, which no bundle holds'
    : 'an action of this plan declares that it cannot be replayed';
  return {
    mode: 'none',
    says: `none: ${why}; digest and signatures are what proves it`,
    steps: replayedSteps(record).map((step) => ({ ...step, replayed: false })),
    matches: null,
    equal: 0,
    unequal: 0,
    compared: [],
  };
}

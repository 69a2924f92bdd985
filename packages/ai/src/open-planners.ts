import type { Planners } from '@countersign/kernel';
import { modelPlanner } from './model-planner/model-planner.ts';
import { rulesPlanner } from './rules/rules-planner.ts';

/** What planners need of an installation. */
export interface PlannerSettings {
  /** The most tokens that one answer of a model may have. */
  readonly outputTokens: number;
  /** Until a model's plan must be there, with a repair of it. */
  readonly timeoutMs: number;
  /** A text that nobody can guess, new at each call. */
  readonly nonce: () => string;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** The planners of an installation: one by rules, and one for each model that is asked. */
export function openPlanners(settings: PlannerSettings): Planners {
  return { rules: rulesPlanner, model: (provider, fits) => modelPlanner(provider, settings, fits) };
}

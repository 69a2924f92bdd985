import type { Diff, Json, PlanBody, Precondition, Replay, ReplayComparison, StepState } from '@countersign/protocol';
import type { ParsedStep } from '../connector/connector.ts';

/** One planned step with what the bundle says became of it. */
export interface ReplayStep {
  readonly step: ParsedStep;
  readonly mode: Replay;
  readonly state: StepState;
  /** What was kept with the intent; null where the step was never begun. */
  readonly before: Json;
  /** What the target showed afterwards; null where the effect was never had. */
  readonly after: Json;
  /** Whether the effect was had: only then is there a result to compare. */
  readonly applied: boolean;
}

/** All that a replay may use: what the bundle holds. */
export interface ReplaySubject {
  readonly plan: PlanBody;
  readonly steps: readonly ReplayStep[];
}

/** What came out of doing a change again. The caller compares `derived` with the plan, bytes and digest. */
export interface Replayed {
  /** One sentence for people: what was done again and on what, or what was simulated. */
  readonly says: string;
  /** The parts of the plan as they come out again, whole and in the plan's order. */
  readonly derived: { readonly diffs: readonly Diff[]; readonly preconditions: readonly Precondition[] };
  /** Results of the steps that were applied, compared with what the run recorded. */
  readonly compared: readonly ReplayComparison[];
}

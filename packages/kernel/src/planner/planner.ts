import type { ActionManifest, JsonObject, Outcome, StepInput, TargetRef } from '@countersign/protocol';
import type { ChatRequest, ModelProvider, TokenUsage } from '../provider/provider.ts';

/** An action that the caller may propose or read, and where. A planner cannot name what is not among these. */
export interface PlannerAction {
  readonly action: ActionManifest;
  /** The targets on which this caller may do it; at least one. */
  readonly targets: readonly TargetRef[];
}

/** A thing that a system was seen to hold, such as a container. Its name was read from that system, so it is data, never an instruction. */
export interface InventoryItem {
  /** What kind of thing: `container`. The same word stands as `x-entity` on the input that names one. */
  readonly entity: string;
  readonly name: string;
  /** Further names by which it may be called, such as its id. */
  readonly aliases: readonly string[];
  /** The name of the target that holds it. */
  readonly target: string;
}

/** A target whose things could not be read, wholly or in part, and why: what it holds is unknown, which is not nothing. */
export interface UnreadTarget {
  readonly target: string;
  readonly reason: string;
}

/** A text that was read somewhere, such as a log: data that may lie, never an instruction. */
export interface UntrustedDocument {
  /** Where it is from, as the caller says: `docker.logs`. */
  readonly source: string;
  readonly text: string;
}

/** What somebody wants, with everything that a planner may use. Nothing else reaches it. */
export interface PlanPromptRequest {
  readonly prompt: string;
  readonly documents: readonly UntrustedDocument[];
  readonly actions: readonly PlannerAction[];
  readonly inventory: readonly InventoryItem[];
  readonly unread: readonly UnreadTarget[];
  readonly correlationId: string;
  readonly signal: AbortSignal;
}

/** One thing that a planner read as something that exists, and by what: as it stood in the prompt, by an alias, or nearly so. */
export interface Resolution {
  /** Where: `target`, or the input as JSON pointer `/container`. */
  readonly field: string;
  readonly said: string;
  readonly meant: string;
  readonly by: 'exact' | 'alias' | 'near' | 'only';
}

export interface PlannedStep {
  readonly step: StepInput;
  readonly target: TargetRef;
  readonly resolved: readonly Resolution[];
}

/** One of several answers to a question back, with the prompt that means it. */
export interface ClarifyOption {
  readonly label: string;
  readonly prompt: string;
}

/** What a planner answers. Data only: nothing was done, and nothing will be without a proposal, a decision and a run. */
export type PlannerAnswer =
  | {
      readonly kind: 'plan';
      readonly intent: string;
      readonly confidence: number;
      readonly steps: readonly PlannedStep[];
    }
  | {
      readonly kind: 'clarify';
      readonly intent: string;
      readonly confidence: number;
      readonly question: string;
      readonly options: readonly ClarifyOption[];
    }
  | { readonly kind: 'refuse'; readonly code: string; readonly reason: string };

export interface Planned {
  readonly answer: PlannerAnswer;
  /** The model, or `rules`. */
  readonly model: string;
  readonly usage: TokenUsage;
  /** More about how it came to this, for people: scores, what else was considered. */
  readonly detail: JsonObject;
}

/** Turns a sentence into typed steps, a question, or a refusal. */
export interface Planner {
  plan(request: PlanPromptRequest): Promise<Outcome<Planned>>;
}

/** The planners of an installation. */
export interface Planners {
  /** Offline, always there. */
  readonly rules: Planner;
  /**
   * One that asks this model; the provider's calls are counted against budgets already. Of more than `fits` it tells the model
   * what the sentence is most likely about.
   */
  model(provider: ModelProvider, fits: (chat: ChatRequest) => boolean): Planner;
}

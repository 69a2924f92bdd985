/** What became of one sentence that a planner got. */
export type PlannerStatus = 'planned' | 'clarified' | 'refused' | 'failed';

/** Whoever counts what planners and models do; the names are the source's (IP-9). */
export interface ModelObserver {
  recordAiPlanner(planner: 'rules' | 'model', status: PlannerStatus, durationSeconds: number): void;
  recordAiTokens(provider: string, tokensIn: number, tokensOut: number): void;
  /** A request that was refused before the provider was called. */
  recordAiBudgetRefusal(): void;
}

/** Hands what planners and models do to everyone who counts; each server of a process counts for itself. */
export class ModelMeter implements ModelObserver {
  readonly #observers = new Set<ModelObserver>();

  observe(observer: ModelObserver): void {
    this.#observers.add(observer);
  }

  recordAiPlanner(...fact: Parameters<ModelObserver['recordAiPlanner']>): void {
    for (const observer of this.#observers) observer.recordAiPlanner(...fact);
  }

  recordAiTokens(...fact: Parameters<ModelObserver['recordAiTokens']>): void {
    for (const observer of this.#observers) observer.recordAiTokens(...fact);
  }

  recordAiBudgetRefusal(): void {
    for (const observer of this.#observers) observer.recordAiBudgetRefusal();
  }
}

import type { JsonObject } from '@countersign/protocol';

/** One revision of the installation's task list. It is nothing that runs. */
export interface TaskPlan {
  /** From 1; the highest is the active one. */
  readonly revision: number;
  readonly id: string;
  readonly title: string;
  readonly tasks: readonly (string | JsonObject)[];
  readonly status: string;
  readonly changedBy: string;
  readonly changedAt: number;
}

export interface TaskPlanReads {
  /** The newest revision, or null while there is none. */
  active(): Promise<TaskPlan | null>;
}
export interface TaskPlanWrites extends TaskPlanReads {
  /** False when that revision stands already: somebody else was faster. */
  insert(plan: TaskPlan): Promise<boolean>;
}

import type { PlanBody, PlanError, Volatile } from '@countersign/protocol';

/** One revision of an operation's plan; never changed after it was written. */
export interface PlanRecord {
  readonly operationId: string;
  readonly revision: number;
  readonly state: 'ok' | 'error';
  readonly digest: string | null;
  readonly body: PlanBody | null;
  readonly volatile: Volatile;
  readonly error: PlanError | null;
  readonly worker: string;
  readonly createdAt: number;
}

export interface PlanReads {
  get(operationId: string, revision: number): Promise<PlanRecord | null>;
  /** Digest last shown to a principal, or null. */
  shownTo(
    operationId: string,
    principal: string,
  ): Promise<{ revision: number; digest: string; shownAt: number } | null>;
}
export interface PlanWrites extends PlanReads {
  insert(plan: PlanRecord): Promise<void>;
  /** Notes that a plan was shown; answers false when exactly this was noted before. */
  markShown(view: {
    operationId: string;
    principal: string;
    revision: number;
    digest: string;
    shownAt: number;
  }): Promise<boolean>;
}

import type {
  ClosedReason,
  Effect,
  OperationState,
  PlannedBy,
  PrincipalKind,
  Risk,
  Role,
  StartMode,
  StepInput,
  TargetRef,
  Verdict,
} from '@countersign/protocol';

/** Who asked, as recorded for good. */
export interface Requester {
  readonly principal: string;
  readonly name: string;
  readonly root: string;
  readonly ai: boolean;
  readonly kind: PrincipalKind;
  readonly role: Role;
}

/** A proposed change to one target, from draft to its end. Times are epoch milliseconds. */
export interface Operation {
  readonly id: string;
  readonly bundleId: string;
  readonly state: OperationState;
  readonly closedReason: ClosedReason | null;
  readonly effect: Effect;
  readonly risk: Risk;
  readonly origin: 'api' | 'action' | 'rollback';
  readonly target: TargetRef;
  /** Secrets already replaced by `{"$sealed": hmac}`. */
  readonly steps: readonly StepInput[];
  readonly start: StartMode;
  readonly note: string;
  /** `ai` also where a model wrote the steps: what an AI touched stays an AI's. */
  readonly requester: Requester;
  /** The planner whose answer the steps are from, as the proposal said; null where somebody wrote them. Not part of any digest. */
  readonly plannedBy: PlannedBy | null;
  /** Revision of the current plan; 0 while there is none. */
  readonly revision: number;
  readonly verdict: Verdict | null;
  readonly verdictDigest: string | null;
  readonly rollbackOf: string | null;
  /** Operations that were proposed together share it; null for one by itself. */
  readonly groupId: string | null;
  readonly correlationId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

import { z } from 'zod';
import { Effect, Risk } from '../action/action.ts';
import { ApprovalView, Verdict } from '../approval/approval.ts';
import { Check, Diff, PlanError, Precondition, RollbackPlan, StepInput, Volatile } from '../plan/plan.ts';
import { PlannedBy } from '../planner/planned-by.ts';
import { RunView } from '../run/run.ts';
import { EpochMs, JsonObject, Name, OperationRef, RequestId, Sha256Digest, Uuid } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';

export const OperationState = z.enum(['draft', 'planning', 'planned', 'closed']);
export type OperationState = z.infer<typeof OperationState>;
export const ClosedReason = z.enum(['executed', 'failed', 'cancelled', 'rejected', 'withdrawn', 'denied', 'expired']);
export type ClosedReason = z.infer<typeof ClosedReason>;

/** The control plane's status words (source CP-11). */
export const OperationStatus = z.enum(['queued', 'planned', 'running', 'succeeded', 'failed', 'rolled_back']);
export type OperationStatus = z.infer<typeof OperationStatus>;
export const StartMode = z.enum(['manual', 'when_allowed']);
export type StartMode = z.infer<typeof StartMode>;

/** Where an operation goes. Names are resolved against the catalogue; more than one match is refused with the choices. */
export const TargetSelector = z.strictObject({
  target: Name.optional(),
  project: Name.optional(),
  environment: Name.optional(),
});
export type TargetSelector = z.infer<typeof TargetSelector>;

/** Canonical proposal: ordered typed steps on one target. */
export const ProposeRequest = TargetSelector.extend({
  steps: z.array(StepInput).min(1).max(64),
  request_id: RequestId.optional(),
  start: StartMode.optional(),
  note: z.string().max(2000).optional(),
  /** What a planner's answer said of itself, where the steps are from one: what a model wrote is decided as an AI's. */
  planned_by: PlannedBy.optional(),
});
export type ProposeRequest = z.infer<typeof ProposeRequest>;

/** The source's spelling: `type` names the action, every further field is one of its inputs (CP-10). */
export const ProposeByType = z.looseObject({
  type: z.string().min(1).max(96),
  target: Name.optional(),
  project: Name.optional(),
  environment: Name.optional(),
  request_id: RequestId.optional(),
});
export type ProposeByType = z.infer<typeof ProposeByType>;

/** One typed action, read or write (DO-7). `wait_ms` bounds how long the answer may wait for the end. */
export const ActionExecuteRequest = TargetSelector.extend({
  request_id: RequestId,
  action: z.string().min(1).max(96),
  inputs: JsonObject.default({}),
  wait_ms: z.int().min(0).max(60_000).optional(),
});
export type ActionExecuteRequest = z.infer<typeof ActionExecuteRequest>;

export const EditRequest = z.strictObject({
  steps: z.array(StepInput).min(1).max(64),
  revision: z.int().nonnegative().optional(),
});
export type EditRequest = z.infer<typeof EditRequest>;
export const ExecuteRequest = z.strictObject({
  /** What to do when another run holds the target. */
  busy: z.enum(['queue', 'refuse']).optional(),
  op_id: OperationRef,
  digest: Sha256Digest.optional(),
  request_id: RequestId.optional(),
});
export type ExecuteRequest = z.infer<typeof ExecuteRequest>;
export const DecideRequest = z.strictObject({
  digest: Sha256Digest,
  /** One-time token that came with the plan: for whoever approves what they proposed themselves, which the profile solo takes. */
  confirmation: z.string().min(1).max(128).optional(),
  comment: z.string().max(2000).optional(),
});
export type DecideRequest = z.infer<typeof DecideRequest>;
export const RejectRequest = z.strictObject({ digest: Sha256Digest.optional(), reason: z.string().min(1).max(2000) });
export type RejectRequest = z.infer<typeof RejectRequest>;
export const CancelRequest = z.strictObject({ reason: z.string().max(2000).optional() });
export type CancelRequest = z.infer<typeof CancelRequest>;
/** A person's word on an unknown outcome: what they found at the target. */
export const ResolveRequest = z.strictObject({
  outcome: z.enum(['applied', 'not_applied']),
  reason: z.string().min(1).max(2000),
});
export type ResolveRequest = z.infer<typeof ResolveRequest>;
export const RollbackRequest = z.strictObject({
  request_id: RequestId.optional(),
  note: z.string().max(2000).optional(),
});
export type RollbackRequest = z.infer<typeof RollbackRequest>;

export const EvidenceState = z.enum(['open', 'sealing', 'sealed', 'anchored']);
export type EvidenceState = z.infer<typeof EvidenceState>;

/** The plan beside its digest, as shown to a person. */
export const PlanView = z.strictObject({
  revision: z.int().positive(),
  digest: Sha256Digest.nullable(),
  identity: z.string().nullable(),
  preconditions: z.array(Precondition),
  rollback: RollbackPlan.nullable(),
  volatile: Volatile,
  error: PlanError.nullable(),
  created_at: EpochMs,
});
export type PlanView = z.infer<typeof PlanView>;

/** An operation as every face sees it. `status` is the control plane's word, `display` the finer one. */
/** What a decision needs of whoever gives it. */
export const StepUpWanted = z.enum(['none', 'needed', 'fresh']);
export type StepUpWanted = z.infer<typeof StepUpWanted>;

export const OperationView = z.strictObject({
  op_id: Uuid,
  bundle_id: Uuid,
  status: OperationStatus,
  display: z.string(),
  detail: JsonObject,
  state: OperationState,
  closed_reason: ClosedReason.nullable(),
  origin: z.enum(['api', 'action', 'rollback']),
  target: TargetRef,
  effect: Effect,
  risk: Risk,
  steps: z.array(StepInput),
  start: StartMode,
  note: z.string(),
  requester: z.strictObject({ name: z.string(), root: z.string(), ai: z.boolean() }),
  planned_by: PlannedBy.nullable(),
  diffs: z.array(Diff),
  checks: z.array(Check),
  plan: PlanView.nullable(),
  verdict: Verdict.nullable(),
  approvals: z.array(ApprovalView),
  /**
   * Whether a decision of whoever asks needs a fresh proof of who they are, without which it counts for nothing: `none`, `needed`,
   * or `fresh` where they have just given one.
   */
  step_up: StepUpWanted,
  run: RunView.nullable(),
  rollback_of: Uuid.nullable(),
  rolled_back_by: Uuid.nullable(),
  /** Operations that were taken together share it. */
  group_id: Uuid.nullable(),
  evidence: EvidenceState.nullable(),
  blocked_by: z.strictObject({ op_id: z.string(), run_id: z.string() }).nullable(),
  created_at: EpochMs,
  updated_at: EpochMs,
  next: z.array(z.string()),
});
export type OperationView = z.infer<typeof OperationView>;

export const ExecuteAnswer = z.strictObject({
  op_id: Uuid,
  bundle_id: Uuid,
  status: OperationStatus,
  run_id: z.string(),
});
export type ExecuteAnswer = z.infer<typeof ExecuteAnswer>;

/** Answer of the typed action lane (DO-7, DO-8). */
export const ActionAnswer = z.strictObject({
  request_id: RequestId,
  op_id: Uuid,
  run_id: z.string().nullable(),
  status: OperationStatus,
  display: z.string(),
  summary: JsonObject.nullable(),
  artifacts: RunView.shape.artifacts,
  truncated: z.boolean(),
  timeout_ms: z.int(),
  output_cap_bytes: z.int(),
  duration_ms: z.int().nullable(),
  verdict: Verdict.nullable(),
  diffs: z.array(Diff),
  checks: z.array(Check),
  digest: Sha256Digest.nullable(),
  failure: RunView.shape.failure,
  next: z.array(z.string()),
});
export type ActionAnswer = z.infer<typeof ActionAnswer>;

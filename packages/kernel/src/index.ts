export type { Approval, ApprovalReads, ApprovalWrites } from './approval/approval.ts';
export { liveApprovals, mayDecide, type PolicyProfile } from './approval/approval-rules.ts';
export type { Reminder, ReminderReads, ReminderWrites } from './approval/reminder.ts';
export type {
  AuditEntry,
  AuditFilter,
  AuditReads,
  AuditWrites,
  Checkpoint,
  MeasuredPage,
} from './audit/audit-store.ts';
export type { CheckpointExport, CheckpointExportReads, CheckpointExportWrites } from './audit/checkpoint-export.ts';
export type {
  BreakGlass,
  BreakGlassQuery,
  BreakGlassReads,
  BreakGlassReview,
  BreakGlassWrites,
} from './break-glass/break-glass.ts';
export type { Confirmation, ConfirmationReads, ConfirmationWrites } from './confirmation/confirmation.ts';
export type { DraftReads, DraftRecord, DraftWrites, Generation, GenerationRequest } from './draft/draft.ts';
export type {
  Enrolment,
  EnrolmentReads,
  EnrolmentWrites,
  WorkerKey,
  WorkerKeyReads,
  WorkerKeyWrites,
} from './enrolment/enrolment.ts';
export type { EvidenceFile, EvidenceReads, EvidenceRecord, EvidenceWrites } from './evidence/evidence-record.ts';
export type { FactorReads, FactorWrites, Passkey, Totp } from './factor/factor.ts';
export type { Freeze, FreezeReads, FreezeWrites } from './freeze/freeze.ts';
export type { GroupMember, GroupReads, GroupRecord, GroupStart, GroupWrites } from './group/group.ts';
export { type GroupNext, type MemberStanding, memberStanding, moveGroup, nextOfGroup } from './group/group-machine.ts';
export { inWaves } from './group/wave-sizes.ts';
export { hiddenFrom, type LabelRequirement, parseLabelSelector, selects } from './inventory/label-selector.ts';
export type { Invite, InviteReads, InviteWrites } from './invite/invite.ts';
export type { ClaimQuery, Job, JobHold, JobKind, JobQueue, JobReads, JobState, JobWrites } from './job/job.ts';
export type { InstallationKey, KeyReads, KeyWrites } from './key/installation-key.ts';
export type { Budget, RateAnswer, RateLimiter } from './limit/rate-limiter.ts';
export { runFacts } from './measure/run-facts.ts';
export { type DisplayStatus, displayStatus, statusWords } from './operation/display-status.ts';
export type { Operation, Requester } from './operation/operation.ts';
export { closeOperation, moveOperation, operationMoves } from './operation/operation-machine.ts';
export type {
  IdempotencyReads,
  IdempotencyRecord,
  IdempotencyWrites,
  OpenOperations,
  OperationFilter,
  OperationReads,
  OperationWrites,
} from './operation/operation-store.ts';
export type { ExternalIdentity, Person, PersonReads, PersonWrites } from './person/person.ts';
export { blockingChecks } from './plan/blocking-checks.ts';
export type { PlanReads, PlanRecord, PlanWrites } from './plan/plan-record.ts';
export { undiffedSteps, withDiffCheck } from './plan/undiffed-steps.ts';
export type {
  ClarifyOption,
  InventoryItem,
  Planned,
  PlannedStep,
  Planner,
  PlannerAction,
  PlannerAnswer,
  Planners,
  PlanPromptRequest,
  Resolution,
  UnreadTarget,
  UntrustedDocument,
} from './planner/planner.ts';
export type {
  ChatAnswer,
  ChatChunk,
  ChatMessage,
  ChatRequest,
  ModelProvider,
  ProviderCapabilities,
  ProviderEntry,
  ProviderFault,
  ProviderHealth,
  ProviderReload,
  Providers,
  ProviderType,
  TokenPrice,
  TokenUsage,
} from './provider/provider.ts';
export type {
  ContentKind,
  KeptContent,
  RetentionReads,
  RetentionWrites,
  ShortLivedRows,
  StorageUsage,
} from './retention/retention.ts';
export { planRollback } from './rollback/plan-rollback.ts';
export type { ArtifactFiles } from './run/artifact-files.ts';
export type { Artifact, OpenRuns, Run, RunReads, RunWrites, Step } from './run/run.ts';
export { moveRun, moveStep, runEnded, runMoves, stepInDoubt, stepMoves } from './run/run-machine.ts';
export type { SealedReads, SealedValue, SealedWrites } from './secret/sealed-value.ts';
export type { PersonSession, SessionReads, SessionWrites, SignInMethod } from './session/session.ts';
export type { SettingReads, SettingWrites } from './setting/setting.ts';
export type { SignInRoom, SignInState, SignInStateReads, SignInStateWrites } from './sign-in/sign-in-state.ts';
export type { Reads, Store, Unit } from './store/store.ts';
export type { Hints } from './stream/hints.ts';
export type { OutputPlace, StreamChunk, StreamLine, StreamReads, StreamWrites } from './stream/stream.ts';
export type { ManagedTargetRow, TargetReads, TargetWrites, WorkerLook } from './target/managed-target.ts';
export type { TargetLock, TargetLockReads, TargetLockWrites } from './target/target-lock.ts';
export type { TaskPlan, TaskPlanReads, TaskPlanWrites } from './task-plan/task-plan.ts';
export type { Clock, Ids } from './time/ports.ts';
export { covers, grantsOf, highestRole, installationRole, narrowGrants, type Place, roleAt } from './token/grants.ts';
export { roleReaches } from './token/role-rank.ts';
export type { Token, TokenReads, TokenWrites } from './token/token.ts';
export type { TokenUse, TokenUseReads, TokenUseWrites } from './token/token-use.ts';
export type { Decider, PolicyQuestion } from './verdict/decider.ts';
export type { ListedPolicy, Policies, PolicyFault, PolicyReload } from './verdict/policies.ts';
export type { DeadLetter, Webhook, WebhookReads, WebhookWrites } from './webhook/webhook.ts';
export type { WorkerReads, WorkerRecord, WorkerWrites } from './worker/worker-record.ts';

export {
  ActionManifest,
  ConnectorManifest,
  Effect,
  EntityListing,
  Idempotency,
  Replay,
  Risk,
  Wording,
} from './action/action.ts';
export { askedFor } from './action/asked-for.ts';
export {
  ApprovalKind,
  ApprovalStatement,
  ApprovalView,
  DecidingPolicy,
  isSteppedUp,
  Obligation,
  stepUpFreshMs,
  Verdict,
} from './approval/approval.ts';
export { BreakGlassStatement, breakGlassMs, breakGlassTimeProblem } from './approval/break-glass-statement.ts';
export { ConfirmationView, ConfirmRequest } from './approval/confirmation.ts';
export { dealApprovers, type GroupDemand, type GroupedApprover } from './approval/group-approvals.ts';
export { GroupApprovalStatement, memberStatement, mostSigned } from './approval/group-statement.ts';
export { AuditBody, AuditEntryView, CheckpointView } from './audit/audit.ts';
export { type AuditEventName, auditEvents } from './audit/audit-events.ts';
export { AuditExportQuery, AuditQuery, EventList, eventsNamed } from './audit/audit-query.ts';
export { ConsistencyProofView, ExportedCheckpoint, InclusionProofView } from './audit/proof.ts';
export { AuditPlace, measuredEvents, RunFacts } from './audit/run-facts.ts';
export { BackupManifest, BackupName, BackupView } from './backup/backup.ts';
export {
  AiCommandInputs,
  AiCommandName,
  AiCommandOutputs,
  AiCommandRequest,
  AiCommandView,
} from './command/command.ts';
export { contractsVersion, generateContracts } from './contracts/generate.ts';
export { openApiDocument } from './contracts/openapi.ts';
export {
  DispatchFinishAnswer,
  DispatchFinishRequest,
  DispatchReportAnswer,
  DispatchReportRequest,
  DispatchView,
  longestReport,
  mostReports,
} from './dispatch/dispatch.ts';
export {
  ApprovedView,
  DraftCreateRequest,
  DraftEditRequest,
  DraftStatus,
  DraftView,
  GenerateRequest,
  InstructionText,
  longestInstruction,
  RunSummary,
} from './draft/draft.ts';
export { coversAction } from './enrolment/covers-action.ts';
export {
  ActionPattern,
  Enrolled,
  EnrolmentCreated,
  EnrolmentCreateRequest,
  EnrolmentSecret,
  EnrolmentView,
  EnrolRequest,
  WorkerProofPayload,
  WorkerScope,
} from './enrolment/enrolment.ts';
export { type ErrorCode, errorCodes, isErrorCode } from './error/error-codes.ts';
export {
  accept,
  CodedError,
  ErrorEnvelope,
  type Outcome,
  type Refusal,
  type RefusalDetail,
  refuse,
} from './error/refusal.ts';
export {
  BundleApprovals,
  BundleManifest,
  BundlePredicate,
  BundleRun,
  BundleStatement,
  BundleValidation,
  bundlePredicateType,
  DsseEnvelope,
  EvidenceView,
  KeyPurpose,
  KeyRotation,
  PublicKey,
  RotationStatement,
  TrustedKey,
  TrustRoot,
  VerifyFinding,
  VerifyReport,
  VerifyState,
} from './evidence/evidence.ts';
export { type Flag, Flags, flagNames } from './flag/flag.ts';
export {
  BreakGlassFinding,
  BreakGlassRequest,
  BreakGlassView,
  FreezeRequest,
  FreezeView,
  ReviewRequest,
} from './freeze/freeze.ts';
export { AiExecuteRequest, AiJobView, GroupRequest, GroupView } from './group/group.ts';
export { type GroupConfirmationView, ListedPlan } from './group/group-requests.ts';
export { GroupState, mostMembers, SelectionRequest, WaveSize, WaveStop, type WavesView } from './group/waves.ts';
export { HealthView } from './health/health.ts';
export { Readiness, worstReadiness } from './health/readiness.ts';
export { InventoryEntry, InventoryList, inventoryKeptMs, TargetInventory } from './inventory/inventory.ts';
export {
  InviteCreated,
  InviteCreateRequest,
  InviteOffer,
  InviteSecret,
  InviteView,
  PersonResetRequest,
} from './invite/invite.ts';
export { jsonSchemaOf } from './json/json-schema.ts';
export { readJson } from './json/read-json.ts';
export { KeyState, KeyView } from './key/key.ts';
export { Measure, MeasureId, MeasuresQuery, MeasuresView, measureIds } from './measure/measure.ts';
export { CsrfView, MetaView, WebMode } from './meta/meta.ts';
export {
  ActionAnswer,
  ActionExecuteRequest,
  CancelRequest,
  ClosedReason,
  DecideRequest,
  EditRequest,
  EvidenceState,
  ExecuteAnswer,
  ExecuteRequest,
  OperationState,
  OperationStatus,
  OperationView,
  PlanView,
  ProposeByType,
  ProposeRequest,
  RejectRequest,
  ResolveRequest,
  RollbackRequest,
  StartMode,
  StepUpWanted,
  TargetSelector,
} from './operation/operation.ts';
export { ContentReport } from './page/content-report.ts';
export { AccountView, PasswordChangeRequest, TotpConfirmRequest, TotpOffer } from './person/account.ts';
export { PersonEnded, PersonGrantRequest, PersonView } from './person/person.ts';
export {
  Check,
  CheckStatus,
  Diff,
  PlanBody,
  PlanError,
  PlanStep,
  PlanTarget,
  Precondition,
  RollbackPlan,
  Severity,
  StepInput,
  Volatile,
} from './plan/plan.ts';
export {
  Plan2Request,
  Plan2View,
  PlanDocument,
  PlannedAction,
  PlannedActionView,
  PlanPromptRequest,
  PlanPromptView,
  PlanResolution,
  TokenCost,
} from './planner/plan-prompt.ts';
export { PlannedBy } from './planner/planned-by.ts';
export {
  ExplainPrincipal,
  ExplainRequest,
  ExplainView,
  PolicyFaultView,
  PolicyPhase,
  PolicyReloadView,
  PolicyView,
} from './policy/policy.ts';
export {
  ProviderHealthView,
  ProviderSwitchRequest,
  ProvidersView,
  ProviderType,
  ProviderView,
  SourceProviderView,
} from './provider/provider.ts';
export { noReplay, planReplay, replayedSteps, wasApplied } from './replay/no-replay.ts';
export {
  RecordedStep,
  ReplayComparison,
  ReplayedStep,
  ReplayInputs,
  ReplayRecord,
  ReplayReport,
  ReplayRequest,
  ReplayView,
} from './replay/replay.ts';
export { replayActionOf, weakestReplay } from './replay/replay-mode.ts';
export {
  RepositoryContext,
  RepositoryDiff,
  RepositoryFile,
  RepositorySearch,
  RepositoryStatus,
  RepositoryTree,
} from './repository/repository.ts';
export { RetentionPass, StorageView } from './retention/retention.ts';
export {
  type Lane,
  type LimitClass,
  lanes,
  limitClasses,
  type Permission,
  type Reach,
  type RouteDefinition,
} from './route/route.ts';
export { type RouteId, routes } from './route/routes.ts';
export { ArtifactView, Failure, RunState, RunView, StepState, StepView, StreamEvent } from './run/run.ts';
export {
  approvedIdOf,
  draftIdOf,
  runIdOf,
  ulidOf,
  uuidOfOperationRef,
  uuidOfRunId,
  uuidOfUlid,
} from './scalar/identity-spelling.ts';
export {
  ActionName,
  AgentRef,
  EpochMs,
  type Json,
  JsonObject,
  JsonValue,
  Name,
  OperationRef,
  RequestId,
  Sha256Digest,
  Uuid,
} from './scalar/scalar.ts';
export { findSecrets } from './secret/find-secrets.ts';
export { scrubMark } from './secret/scrub-mark.ts';
export { createScrubber, createTargetScrubber, type Scrubber, type StreamScrubber } from './secret/scrubber.ts';
export { Secret } from './secret/secret.ts';
export { secretForms, shortestSecret } from './secret/secret-forms.ts';
export {
  NewPasskeyAnswer,
  PasskeyAddRequest,
  PasskeyAnswer,
  PasskeyOptions,
  PasskeyView,
} from './session/passkey.ts';
export {
  LoginRequest,
  PasskeyLoginRequest,
  ProviderLoginRequest,
  RedeemRequest,
  SessionView,
  SignedIn,
  SignInChoices,
} from './session/session.ts';
export { HostCode, HostCodeView, StepUpMethod, StepUpRequest, StepUpView } from './step-up/step-up.ts';
export { StreamClosing, StreamNotice, StreamQuery } from './stream/stream-notice.ts';
export { TargetRef, TargetView, Tier } from './target/target.ts';
export {
  AssignedAnswer,
  AssignedRequest,
  ManagedTarget,
  SecretPlace,
  TargetAddRequest,
  TargetChangeRequest,
  TargetSettings,
  TargetTestView,
} from './target/target-settings.ts';
export { TaskPlanRequest, TaskPlanView } from './task-plan/task-plan.ts';
export { Grant, GrantRole, Scope } from './token/grant.ts';
export { Principal, PrincipalKind, Role, TokenCreated, TokenCreateRequest, TokenView } from './token/token.ts';
export { ValidateRequest, ValidationScope, ValidationView } from './validation/validation.ts';
export { CloudEvent, DeadLetterView, WebhookTested, WebhookView } from './webhook/webhook.ts';
export { versionSkew } from './worker/version-skew.ts';
export { WorkerAuditBody, WorkerAuditEntry, WorkerAuditFact, WorkerAuditNote } from './worker/worker-audit.ts';
export {
  ArtifactUpload,
  ClaimAnswer,
  ClaimRequest,
  CompleteRequest,
  Fence,
  HeartbeatAnswer,
  IntentAnswer,
  IntentRequest,
  Job,
  JobKind,
  OpenIntent,
  OutcomeRequest,
  OutputRequest,
  PlannedContent,
  ReconcileAnswer,
  RegisterAnswer,
  RegisterRequest,
  type WorkerPort,
  WorkerTarget,
  WorkStep,
} from './worker/worker-port.ts';
export { VersionSkew, WorkerView } from './worker/worker-view.ts';

import type { ApprovalReads, ApprovalWrites } from '../approval/approval.ts';
import type { ReminderReads, ReminderWrites } from '../approval/reminder.ts';
import type { AuditReads, AuditWrites } from '../audit/audit-store.ts';
import type { CheckpointExportReads, CheckpointExportWrites } from '../audit/checkpoint-export.ts';
import type { BreakGlassReads, BreakGlassWrites } from '../break-glass/break-glass.ts';
import type { ConfirmationReads, ConfirmationWrites } from '../confirmation/confirmation.ts';
import type { DraftReads, DraftWrites } from '../draft/draft.ts';
import type { EnrolmentReads, EnrolmentWrites, WorkerKeyReads, WorkerKeyWrites } from '../enrolment/enrolment.ts';
import type { EvidenceReads, EvidenceWrites } from '../evidence/evidence-record.ts';
import type { FactorReads, FactorWrites } from '../factor/factor.ts';
import type { FreezeReads, FreezeWrites } from '../freeze/freeze.ts';
import type { GroupReads, GroupWrites } from '../group/group.ts';
import type { InviteReads, InviteWrites } from '../invite/invite.ts';
import type { JobReads, JobWrites } from '../job/job.ts';
import type { KeyReads, KeyWrites } from '../key/installation-key.ts';
import type {
  IdempotencyReads,
  IdempotencyWrites,
  OperationReads,
  OperationWrites,
} from '../operation/operation-store.ts';
import type { PersonReads, PersonWrites } from '../person/person.ts';
import type { PlanReads, PlanWrites } from '../plan/plan-record.ts';
import type { RetentionReads, RetentionWrites } from '../retention/retention.ts';
import type { RunReads, RunWrites } from '../run/run.ts';
import type { SealedReads, SealedWrites } from '../secret/sealed-value.ts';
import type { SessionReads, SessionWrites } from '../session/session.ts';
import type { SettingReads, SettingWrites } from '../setting/setting.ts';
import type { SignInStateReads, SignInStateWrites } from '../sign-in/sign-in-state.ts';
import type { StreamReads, StreamWrites } from '../stream/stream.ts';
import type { TargetReads, TargetWrites } from '../target/managed-target.ts';
import type { TargetLockReads, TargetLockWrites } from '../target/target-lock.ts';
import type { TaskPlanReads, TaskPlanWrites } from '../task-plan/task-plan.ts';
import type { TokenReads, TokenWrites } from '../token/token.ts';
import type { TokenUseReads, TokenUseWrites } from '../token/token-use.ts';
import type { WebhookReads, WebhookWrites } from '../webhook/webhook.ts';
import type { WorkerReads, WorkerWrites } from '../worker/worker-record.ts';

/** What may be read, by noun. */
export interface Reads {
  readonly operations: OperationReads;
  readonly idempotency: IdempotencyReads;
  readonly plans: PlanReads;
  readonly approvals: ApprovalReads;
  readonly runs: RunReads;
  readonly locks: TargetLockReads;
  readonly jobs: JobReads;
  readonly streams: StreamReads;
  readonly audit: AuditReads;
  readonly tokens: TokenReads;
  readonly sealed: SealedReads;
  readonly evidence: EvidenceReads;
  readonly workers: WorkerReads;
  readonly settings: SettingReads;
  readonly keys: KeyReads;
  readonly exports: CheckpointExportReads;
  readonly retention: RetentionReads;
  readonly people: PersonReads;
  readonly invites: InviteReads;
  readonly sessions: SessionReads;
  readonly signIns: SignInStateReads;
  readonly factors: FactorReads;
  readonly confirmations: ConfirmationReads;
  readonly freezes: FreezeReads;
  readonly groups: GroupReads;
  readonly breakGlass: BreakGlassReads;
  readonly webhooks: WebhookReads;
  readonly reminders: ReminderReads;
  readonly tokenUses: TokenUseReads;
  readonly drafts: DraftReads;
  readonly taskPlans: TaskPlanReads;
  readonly enrolments: EnrolmentReads;
  readonly workerKeys: WorkerKeyReads;
  readonly targets: TargetReads;
}

/** What a unit may read and change. Everything in it commits together or not at all. */
export interface Unit extends Reads {
  readonly operations: OperationWrites;
  readonly idempotency: IdempotencyWrites;
  readonly plans: PlanWrites;
  readonly approvals: ApprovalWrites;
  readonly runs: RunWrites;
  readonly locks: TargetLockWrites;
  readonly jobs: JobWrites;
  readonly streams: StreamWrites;
  readonly audit: AuditWrites;
  readonly tokens: TokenWrites;
  readonly sealed: SealedWrites;
  readonly evidence: EvidenceWrites;
  readonly workers: WorkerWrites;
  readonly settings: SettingWrites;
  readonly keys: KeyWrites;
  readonly exports: CheckpointExportWrites;
  readonly retention: RetentionWrites;
  readonly people: PersonWrites;
  readonly invites: InviteWrites;
  readonly sessions: SessionWrites;
  readonly signIns: SignInStateWrites;
  readonly factors: FactorWrites;
  readonly confirmations: ConfirmationWrites;
  readonly freezes: FreezeWrites;
  readonly groups: GroupWrites;
  readonly breakGlass: BreakGlassWrites;
  readonly webhooks: WebhookWrites;
  readonly reminders: ReminderWrites;
  readonly tokenUses: TokenUseWrites;
  readonly drafts: DraftWrites;
  readonly taskPlans: TaskPlanWrites;
  readonly enrolments: EnrolmentWrites;
  readonly workerKeys: WorkerKeyWrites;
  readonly targets: TargetWrites;
  /** Registers a listener for after the durable commit: wake-ups and stream fan-out. Never called when the unit does not commit. */
  afterCommit(listener: () => void): void;
}

/** The database. Errors that mean "cannot take it now" are CodedError E_STORE. */
export interface Store {
  readonly dialect: 'sqlite' | 'postgres';
  /** Runs a unit: it touches the database only, awaits nothing else, may run twice, returns data. Resolves after the commit is durable. A unit that throws leaves nothing. */
  write<T>(unit: (unit: Unit) => Promise<T>): Promise<T>;
  /** Reads durable state only, on read-only connections. */
  read<T>(query: (reads: Reads) => Promise<T>): Promise<T>;
  /** Proves that the database takes a write now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

import type { Unit } from '@countersign/kernel';
import { ApprovalRepository } from '../approval/approval-repository.ts';
import { ReminderRepository } from '../approval/reminder-repository.ts';
import { AuditRepository } from '../audit/audit-repository.ts';
import { CheckpointExportRepository } from '../audit/checkpoint-export-repository.ts';
import { BreakGlassRepository } from '../break-glass/break-glass-repository.ts';
import { ConfirmationRepository } from '../confirmation/confirmation-repository.ts';
import { DraftRepository } from '../draft/draft-repository.ts';
import { EvidenceRepository } from '../evidence/evidence-repository.ts';
import { FactorRepository } from '../factor/factor-repository.ts';
import { FreezeRepository } from '../freeze/freeze-repository.ts';
import { InviteRepository } from '../invite/invite-repository.ts';
import { JobRepository } from '../job/job-repository.ts';
import { KeyRepository } from '../key/key-repository.ts';
import { IdempotencyRepository } from '../operation/idempotency-repository.ts';
import { OperationRepository } from '../operation/operation-repository.ts';
import { PersonRepository } from '../person/person-repository.ts';
import { PlanRepository } from '../plan/plan-repository.ts';
import { RetentionRepository } from '../retention/retention-repository.ts';
import { RunRepository } from '../run/run-repository.ts';
import { SealedValueRepository } from '../secret/sealed-value-repository.ts';
import { SessionRepository } from '../session/session-repository.ts';
import { SettingRepository } from '../setting/setting-repository.ts';
import { SignInStateRepository } from '../sign-in/sign-in-state-repository.ts';
import { StreamRepository } from '../stream/stream-repository.ts';
import { TargetLockRepository } from '../target/target-lock-repository.ts';
import { TaskPlanRepository } from '../task-plan/task-plan-repository.ts';
import { TokenRepository } from '../token/token-repository.ts';
import { TokenUseRepository } from '../token/token-use-repository.ts';
import { WebhookRepository } from '../webhook/webhook-repository.ts';
import { WorkerRepository } from '../worker/worker-repository.ts';
import type { Session } from './statement.ts';

/** Every repository on one session, and what is to be told once it is durable. Serves reads as well. */
export class UnitOfWork implements Unit {
  readonly operations: OperationRepository;
  readonly idempotency: IdempotencyRepository;
  readonly plans: PlanRepository;
  readonly approvals: ApprovalRepository;
  readonly runs: RunRepository;
  readonly locks: TargetLockRepository;
  readonly jobs: JobRepository;
  readonly streams: StreamRepository;
  readonly audit: AuditRepository;
  readonly tokens: TokenRepository;
  readonly sealed: SealedValueRepository;
  readonly evidence: EvidenceRepository;
  readonly workers: WorkerRepository;
  readonly settings: SettingRepository;
  readonly keys: KeyRepository;
  readonly exports: CheckpointExportRepository;
  readonly retention: RetentionRepository;
  readonly people: PersonRepository;
  readonly invites: InviteRepository;
  readonly sessions: SessionRepository;
  readonly signIns: SignInStateRepository;
  readonly factors: FactorRepository;
  readonly confirmations: ConfirmationRepository;
  readonly freezes: FreezeRepository;
  readonly breakGlass: BreakGlassRepository;
  readonly webhooks: WebhookRepository;
  readonly reminders: ReminderRepository;
  readonly tokenUses: TokenUseRepository;
  readonly drafts: DraftRepository;
  readonly taskPlans: TaskPlanRepository;
  readonly listeners: (() => void)[] = [];

  constructor(session: Session) {
    this.operations = new OperationRepository(session);
    this.idempotency = new IdempotencyRepository(session);
    this.plans = new PlanRepository(session);
    this.approvals = new ApprovalRepository(session);
    this.runs = new RunRepository(session);
    this.locks = new TargetLockRepository(session);
    this.jobs = new JobRepository(session);
    this.streams = new StreamRepository(session);
    this.audit = new AuditRepository(session);
    this.tokens = new TokenRepository(session);
    this.sealed = new SealedValueRepository(session);
    this.evidence = new EvidenceRepository(session);
    this.workers = new WorkerRepository(session);
    this.settings = new SettingRepository(session);
    this.keys = new KeyRepository(session);
    this.exports = new CheckpointExportRepository(session);
    this.retention = new RetentionRepository(session);
    this.people = new PersonRepository(session);
    this.invites = new InviteRepository(session);
    this.sessions = new SessionRepository(session);
    this.signIns = new SignInStateRepository(session);
    this.factors = new FactorRepository(session);
    this.confirmations = new ConfirmationRepository(session);
    this.freezes = new FreezeRepository(session);
    this.breakGlass = new BreakGlassRepository(session);
    this.webhooks = new WebhookRepository(session);
    this.reminders = new ReminderRepository(session);
    this.tokenUses = new TokenUseRepository(session);
    this.drafts = new DraftRepository(session);
    this.taskPlans = new TaskPlanRepository(session);
  }

  afterCommit(listener: () => void): void {
    this.listeners.push(listener);
  }
}

import { z } from 'zod';
import { ConnectorManifest } from '../action/action.ts';
import { Check, Diff, PlanBody, PlanError, Precondition, RollbackPlan, StepInput, Volatile } from '../plan/plan.ts';
import { ReplayRecord } from '../replay/replay.ts';
import { Failure, StepState, StreamEvent } from '../run/run.ts';
import { ActionName, EpochMs, JsonObject, JsonValue, Name, Sha256Digest, Uuid } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';
import type { AssignedAnswer, AssignedRequest } from '../target/target-settings.ts';

/** The worker port: register, claim, heartbeat, appendOutput, recordIntent, recordOutcome, complete. All but `register` are fenced. */
export const JobKind = z.enum(['plan', 'run', 'read', 'reconcile']);
export type JobKind = z.infer<typeof JobKind>;

export const WorkerTarget = z.strictObject({
  name: Name,
  connector: Name,
  status: z.enum(['ready', 'degraded', 'unavailable']),
  message: z.string(),
  /** The actions that this worker does on it; all of its connector when left out. */
  actions: z.array(ActionName).max(500).optional(),
});
export type WorkerTarget = z.infer<typeof WorkerTarget>;

export const RegisterRequest = z.strictObject({
  /** Stable name of the worker. */
  worker: Name,
  /** One process life; leases of an older instance of the same worker are void at once. */
  instance: Uuid,
  version: z.string(),
  targets: z.array(WorkerTarget),
  manifests: z.array(ConnectorManifest),
  /** The `look_at` of the assignment that it looked with, where that asked it to. */
  looked_at: EpochMs.optional(),
});
export type RegisterRequest = z.infer<typeof RegisterRequest>;
/** Not strict: a worker must be told that the server is newer, and not fail at what it does not know. */
export const RegisterAnswer = z.object({
  lease_ms: z.int().positive(),
  heartbeat_ms: z.int().positive(),
  server_version: z.string(),
  /** Targets that the server does not take from this worker, with the reason. */
  declined: z.array(z.strictObject({ target: z.string(), why: z.string() })),
});
export type RegisterAnswer = z.infer<typeof RegisterAnswer>;

/** Proof of holding a job: stale fences are refused with E_LEASE_LOST. */
export const Fence = z.strictObject({ job_id: Uuid, fence: z.int().positive(), instance: Uuid });
export type Fence = z.infer<typeof Fence>;

/** A step as the worker gets it: secrets in plain text, named so that the scrubber knows them. */
export const WorkStep = StepInput.extend({
  index: z.int().nonnegative(),
  idempotency_key: z.string(),
});
export type WorkStep = z.infer<typeof WorkStep>;

/** An intent without outcome that somebody else left behind. */
export const OpenIntent = z.strictObject({
  index: z.int().nonnegative(),
  idempotency_key: z.string(),
  before: JsonValue,
  guard: JsonValue,
  recorded_at: EpochMs,
});
export type OpenIntent = z.infer<typeof OpenIntent>;

export const Job = z.strictObject({
  job_id: Uuid,
  kind: JobKind,
  fence: z.int().positive(),
  lease_ms: z.int().positive(),
  op_id: Uuid,
  /** Ties what the worker says to the request that began the operation. */
  correlation_id: z.string(),
  run_id: z.string().nullable(),
  target: TargetRef,
  steps: z.array(WorkStep).min(1),
  /** Plain-text secrets of this job, to be scrubbed from everything that goes back. */
  secrets: z.array(z.string()),
  /** The approved plan (run and reconcile only). */
  plan: PlanBody.nullable(),
  /** What was approved; the worker derives it again from the plan that it will run. */
  plan_digest: Sha256Digest.nullable(),
  /** Steps with their state so far, for a run that is taken over. */
  done: z.array(
    z.strictObject({
      index: z.int().nonnegative(),
      state: StepState,
      before: JsonValue,
      after: JsonValue,
      guard: JsonValue,
    }),
  ),
  intent: OpenIntent.nullable(),
  /** What a sealed bundle records, for a read that replays it. */
  replay: ReplayRecord.optional(),
});
export type Job = z.infer<typeof Job>;

export const ClaimRequest = z.strictObject({
  worker: Name,
  instance: Uuid,
  kinds: z.array(JobKind).min(1),
  wait_ms: z.int().min(0).max(30_000),
});
export type ClaimRequest = z.infer<typeof ClaimRequest>;
export const ClaimAnswer = z.strictObject({ job: Job.nullable() });
export type ClaimAnswer = z.infer<typeof ClaimAnswer>;

export const HeartbeatAnswer = z.strictObject({
  lease_ms: z.int().positive(),
  cancel: z.boolean(),
  panic: z.boolean(),
});
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;

export const OutputRequest = z.strictObject({
  /** Number of the first event among all that were said under this fence, from 1: what is said again is known as a repeat. */
  first: z.int().positive(),
  events: z.array(StreamEvent).min(1).max(1000),
  /** The earlier claim of the same operation that said it and could not hand it in; `first` counts what that one said. */
  of: z.strictObject({ job_id: Uuid, fence: z.int().positive() }).optional(),
});
export type OutputRequest = z.infer<typeof OutputRequest>;

export const IntentRequest = z.strictObject({ index: z.int().nonnegative(), before: JsonValue, guard: JsonValue });
export type IntentRequest = z.infer<typeof IntentRequest>;
/** `go: false` tells the worker to stop before the effect (cancelled, panic). */
export const IntentAnswer = z.discriminatedUnion('go', [
  z.strictObject({ go: z.literal(true) }),
  z.strictObject({ go: z.literal(false), why: z.enum(['cancelled', 'panic']) }),
]);
export type IntentAnswer = z.infer<typeof IntentAnswer>;

export const OutcomeRequest = z.strictObject({
  index: z.int().nonnegative(),
  outcome: z.enum(['applied', 'verified', 'failed', 'unknown']),
  after: JsonValue,
  /** The guard for the next step, as this step left it. */
  guard: JsonValue,
  failure: Failure.optional(),
});
export type OutcomeRequest = z.infer<typeof OutcomeRequest>;

/** A file the worker hands over; content as base64, scrubbed already. */
export const ArtifactUpload = z.strictObject({
  name: z.string().min(1).max(128),
  media_type: z.string(),
  content_base64: z.string(),
  truncated: z.boolean(),
});
export type ArtifactUpload = z.infer<typeof ArtifactUpload>;

/** What a worker found when it planned: the plan body lacks only what the server adds (target ref, manifest hash). */
export const PlannedContent = z.strictObject({
  identity: z.string().min(1),
  preconditions: z.array(Precondition),
  diffs: z.array(Diff),
  checks: z.array(Check),
  rollback: RollbackPlan,
  volatile: Volatile,
});
export type PlannedContent = z.infer<typeof PlannedContent>;

/** Live state of a step whose outcome was in doubt. */
export const ReconcileAnswer = z.enum(['applied', 'not_applied', 'indeterminate']);
export type ReconcileAnswer = z.infer<typeof ReconcileAnswer>;

export const CompleteRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('plan'), result: z.union([PlannedContent, z.strictObject({ error: PlanError })]) }),
  z.strictObject({
    kind: z.literal('run'),
    /** `stale` ends a run before any effect. */
    result: z.enum(['succeeded', 'failed', 'cancelled', 'stale', 'unknown']),
    failure: Failure.optional(),
    summary: JsonObject.optional(),
    artifacts: z.array(ArtifactUpload),
  }),
  z.strictObject({
    kind: z.literal('read'),
    result: z.enum(['succeeded', 'failed', 'cancelled']),
    failure: Failure.optional(),
    summary: JsonObject.optional(),
    artifacts: z.array(ArtifactUpload),
  }),
  z.strictObject({
    kind: z.literal('reconcile'),
    index: z.int().nonnegative(),
    result: ReconcileAnswer,
    after: JsonValue,
    guard: JsonValue,
  }),
]);
export type CompleteRequest = z.infer<typeof CompleteRequest>;

/** The port itself. Two implementations: in process, and HTTP with long poll. */
export interface WorkerPort {
  register(request: RegisterRequest): Promise<RegisterAnswer>;
  claim(request: ClaimRequest, signal: AbortSignal): Promise<Job | null>;
  heartbeat(fence: Fence): Promise<HeartbeatAnswer>;
  appendOutput(fence: Fence, request: OutputRequest): Promise<void>;
  recordIntent(fence: Fence, request: IntentRequest): Promise<IntentAnswer>;
  recordOutcome(fence: Fence, request: OutcomeRequest): Promise<void>;
  complete(fence: Fence, request: CompleteRequest): Promise<void>;
  /** Long poll for what the worker is to serve beside its own file. */
  assigned(request: AssignedRequest, signal: AbortSignal): Promise<AssignedAnswer>;
}

import { z } from 'zod';
import { Replay } from '../action/action.ts';
import { VerifyState } from '../evidence/evidence.ts';
import { PlanBody } from '../plan/plan.ts';
import { Failure, StepState } from '../run/run.ts';
import { EpochMs, JsonValue, Name, RequestId, Sha256Digest, Uuid } from '../scalar/scalar.ts';

/** What a bundle says of one step of its run. */
export const RecordedStep = z.strictObject({
  index: z.int().nonnegative(),
  state: StepState,
  idempotency_key: z.string(),
  before: JsonValue,
  after: JsonValue,
});
export type RecordedStep = z.infer<typeof RecordedStep>;

/** All that a replay works from: the plan and the run as the bundle holds them, and the digest that the bundle names. */
export const ReplayRecord = z.strictObject({
  plan: PlanBody,
  plan_digest: Sha256Digest,
  steps: z.array(RecordedStep),
});
export type ReplayRecord = z.infer<typeof ReplayRecord>;

/** One thing that was done or computed again, as the bundle has it and as it came out; long values stand as their SHA-256. */
export const ReplayComparison = z.strictObject({
  /** Step that it belongs to; null for the plan as a whole. */
  step: z.int().nonnegative().nullable(),
  what: z.string(),
  expected: z.string(),
  actual: z.string(),
  equal: z.boolean(),
});
export type ReplayComparison = z.infer<typeof ReplayComparison>;

/** How one step was replayed; `replayed` is false where its effect was never had, or its mode is none. */
export const ReplayedStep = z.strictObject({
  index: z.int().nonnegative(),
  action: z.string(),
  mode: Replay,
  state: StepState,
  replayed: z.boolean(),
});
export type ReplayedStep = z.infer<typeof ReplayedStep>;

/** What a replay found. `compared` holds what is unequal first and is cut at 1,000; the counts are of all. */
export const ReplayReport = z.strictObject({
  /** The weakest mode among the steps. */
  mode: Replay,
  /** One sentence: what was done again, or what was simulated. */
  says: z.string(),
  steps: z.array(ReplayedStep),
  /** Null where nothing could be compared (mode none). */
  matches: z.boolean().nullable(),
  equal: z.int().nonnegative(),
  unequal: z.int().nonnegative(),
  compared: z.array(ReplayComparison).max(1000),
});
export type ReplayReport = z.infer<typeof ReplayReport>;

/** Asks for a replay; the same request id answers the same replay. */
export const ReplayRequest = z.strictObject({ request_id: RequestId.optional() });
export type ReplayRequest = z.infer<typeof ReplayRequest>;

/** What a replay's one step names: the bundle, and the operation that the bundle is of. */
export const ReplayInputs = z.strictObject({ bundle_id: Uuid, op_id: Uuid });
export type ReplayInputs = z.infer<typeof ReplayInputs>;

/** A replay of a sealed bundle beside its target. `report` comes when it has ended. */
export const ReplayView = z.strictObject({
  replay_id: Uuid,
  bundle_id: Uuid,
  /** The operation that the bundle is of. */
  op_id: Uuid,
  target: Name,
  status: z.enum(['running', 'done', 'failed']),
  /** Whether the bundle itself verifies, its digest among it: a bundle that does not is not replayed. */
  verification: VerifyState,
  mode: Replay,
  matches: z.boolean().nullable(),
  report: ReplayReport.nullable(),
  failure: Failure.nullable(),
  requested_at: EpochMs,
  ended_at: EpochMs.nullable(),
});
export type ReplayView = z.infer<typeof ReplayView>;

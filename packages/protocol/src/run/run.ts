import { z } from 'zod';
import { EpochMs, JsonObject, JsonValue, Uuid } from '../scalar/scalar.ts';

export const RunState = z.enum([
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'outcome_unknown',
]);
export type RunState = z.infer<typeof RunState>;
export const StepState = z.enum(['pending', 'intent', 'applied', 'verified', 'failed', 'unknown', 'skipped']);
export type StepState = z.infer<typeof StepState>;

/** Why a run or step ended as it did; `code` is one of the error registry. */
export const Failure = z.strictObject({ code: z.string(), message: z.string(), detail: JsonObject.optional() });
export type Failure = z.infer<typeof Failure>;

export const StepView = z.strictObject({
  index: z.int().nonnegative(),
  action: z.string(),
  state: StepState,
  before: JsonValue.nullable(),
  after: JsonValue.nullable(),
  failure: Failure.nullable(),
  intent_at: EpochMs.nullable(),
  ended_at: EpochMs.nullable(),
});
export type StepView = z.infer<typeof StepView>;

/** An output file kept beside the database. */
export const ArtifactView = z.strictObject({
  artifact_id: Uuid,
  name: z.string(),
  media_type: z.string(),
  size_bytes: z.int().nonnegative(),
  sha256: z.string(),
  truncated: z.boolean(),
});
export type ArtifactView = z.infer<typeof ArtifactView>;

export const RunView = z.strictObject({
  run_id: z.string(),
  op_id: Uuid,
  state: RunState,
  attempt: z.int().nonnegative(),
  created_at: EpochMs,
  started_at: EpochMs.nullable(),
  ended_at: EpochMs.nullable(),
  cancel_requested: z.boolean(),
  steps: z.array(StepView),
  summary: JsonObject.nullable(),
  failure: Failure.nullable(),
  artifacts: z.array(ArtifactView),
});
export type RunView = z.infer<typeof RunView>;

/** One event of a run's stream: a state change, a chunk of output, progress, or the end. */
export const StreamEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('state'), subject: z.string(), state: z.string(), detail: JsonObject.optional() }),
  z.strictObject({
    type: z.literal('output'),
    step: z.int().nonnegative(),
    channel: z.enum(['stdout', 'stderr', 'note']),
    text: z.string(),
    first_line: z.int().nonnegative(),
    line_count: z.int().nonnegative(),
  }),
  z.strictObject({
    type: z.literal('truncated'),
    step: z.int().nonnegative(),
    cap_bytes: z.int(),
    dropped_bytes: z.int(),
  }),
  z.strictObject({
    type: z.literal('progress'),
    step: z.int().nonnegative(),
    message: z.string(),
    fraction: z.number().nullable(),
  }),
  z
    .strictObject({
      type: z.literal('removed'),
      removed_at: EpochMs,
      size_bytes: z.int().nonnegative(),
      sha256: z.string(),
    })
    .meta({ description: 'Output stood here until retention took it; the digest is of what it was.' }),
  z.strictObject({ type: z.literal('end'), state: z.string() }),
]);
export type StreamEvent = z.infer<typeof StreamEvent>;

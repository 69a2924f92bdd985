import type { Artifact, Run, Step } from '@countersign/kernel';
import { Failure, JsonObject, JsonValue, Obligation, RunState, StepState, Verdict } from '@countersign/protocol';
import { z } from 'zod';
import { flag, flagOf, integer, json } from '../codec/column.ts';
import { jsonText, jsonTextOrNull } from '../codec/json-text.ts';

/** Columns of `run`; `operation_id` is unique: one run an operation. */
export const RunRow = z.object({
  id: z.string(),
  operation_id: z.string(),
  state: RunState,
  plan_digest: z.string().nullable(),
  verdict: json(Verdict).nullable(),
  verdict_digest: z.string().nullable(),
  demanded: json(z.array(Obligation)).nullable(),
  attempt: integer,
  cancel_requested_at: integer.nullable(),
  failure: json(Failure).nullable(),
  summary: json(JsonObject).nullable(),
  created_at: integer,
  started_at: integer.nullable(),
  ended_at: integer.nullable(),
});
export type RunRow = z.input<typeof RunRow>;
/** Columns of `step`. */
export const StepRow = z.object({
  run_id: z.string(),
  step_index: integer,
  action: z.string(),
  state: StepState,
  idempotency_key: z.string(),
  before_state: json(JsonValue),
  guard: json(JsonValue),
  after_state: json(JsonValue),
  next_guard: json(JsonValue),
  failure: json(Failure).nullable(),
  intent_at: integer.nullable(),
  ended_at: integer.nullable(),
});
export type StepRow = z.input<typeof StepRow>;
/** Columns of `artifact`; the bytes are in the artifact files. */
export const ArtifactRow = z.object({
  id: z.string(),
  run_id: z.string(),
  name: json(z.string()),
  media_type: json(z.string()),
  size_bytes: integer,
  sha256: z.string(),
  truncated: flag,
  created_at: integer,
});
export type ArtifactRow = z.input<typeof ArtifactRow>;

/** The run of a decoded row. */
export function runOf(row: z.output<typeof RunRow>): Run {
  return {
    id: row.id,
    operationId: row.operation_id,
    state: row.state,
    planDigest: row.plan_digest,
    verdict: row.verdict,
    verdictDigest: row.verdict_digest,
    demanded: row.demanded,
    attempt: row.attempt,
    cancelRequestedAt: row.cancel_requested_at,
    failure: row.failure,
    summary: row.summary,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}
/** The row of a run. */
export function runRow(run: Run): RunRow {
  return {
    id: run.id,
    operation_id: run.operationId,
    state: run.state,
    plan_digest: run.planDigest,
    verdict: jsonTextOrNull(run.verdict),
    verdict_digest: run.verdictDigest,
    demanded: run.demanded === null ? null : jsonText(run.demanded),
    attempt: run.attempt,
    cancel_requested_at: run.cancelRequestedAt,
    failure: jsonTextOrNull(run.failure),
    summary: jsonTextOrNull(run.summary),
    created_at: run.createdAt,
    started_at: run.startedAt,
    ended_at: run.endedAt,
  };
}
/** The step of a decoded row. */
export function stepOf(row: z.output<typeof StepRow>): Step {
  return {
    runId: row.run_id,
    index: row.step_index,
    action: row.action,
    state: row.state,
    idempotencyKey: row.idempotency_key,
    before: row.before_state,
    guard: row.guard,
    after: row.after_state,
    nextGuard: row.next_guard,
    failure: row.failure,
    intentAt: row.intent_at,
    endedAt: row.ended_at,
  };
}
/** The row of a step. */
export function stepRow(step: Step): StepRow {
  return {
    run_id: step.runId,
    step_index: step.index,
    action: step.action,
    state: step.state,
    idempotency_key: step.idempotencyKey,
    before_state: jsonText(step.before),
    guard: jsonText(step.guard),
    after_state: jsonText(step.after),
    next_guard: jsonText(step.nextGuard),
    failure: jsonTextOrNull(step.failure),
    intent_at: step.intentAt,
    ended_at: step.endedAt,
  };
}
/** The artifact of a decoded row. */
export function artifactOf(row: z.output<typeof ArtifactRow>): Artifact {
  const { id, name, sha256, truncated } = row;
  const { run_id: runId, media_type: mediaType, size_bytes: sizeBytes, created_at: createdAt } = row;
  return { id, runId, name, mediaType, sizeBytes, sha256, truncated, createdAt };
}
/** The row of an artifact. */
export function artifactRow(artifact: Artifact): ArtifactRow {
  return {
    id: artifact.id,
    run_id: artifact.runId,
    name: jsonText(artifact.name),
    media_type: jsonText(artifact.mediaType),
    size_bytes: artifact.sizeBytes,
    sha256: artifact.sha256,
    truncated: flagOf(artifact.truncated),
    created_at: artifact.createdAt,
  };
}

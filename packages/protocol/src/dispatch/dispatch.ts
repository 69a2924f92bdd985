import { z } from 'zod';
import { ApprovedId, RunId } from '../draft/draft.ts';
import { RunState } from '../run/run.ts';
import { EpochMs, JsonObject, RequestId, Sha256Digest, Uuid } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';
import { ArtifactUpload, Fence, HeartbeatAnswer } from '../worker/worker-port.ts';

/** Asks for one instruction; with `wait_ms` until one comes. The same `request_id` again answers what was handed over under it. */
export const DispatchClaimRequest = z.strictObject({
  wait_ms: z.int().min(0).max(30_000).default(0),
  request_id: RequestId.optional(),
});

/** An approved instruction, handed over to the agent that claimed it. `lease` proves it and goes with everything said of it. */
export const DispatchView = z.strictObject({
  run_id: RunId,
  op_id: Uuid,
  approved_id: ApprovedId,
  bundle_id: Uuid,
  correlation_id: z.string(),
  target: TargetRef,
  /** Exactly what was approved, secrets in plain text. */
  instruction: z.string(),
  context: JsonObject,
  plan_digest: Sha256Digest,
  lease: Fence,
  /** For how long; each heartbeat and report begins it anew. */
  lease_ms: z.int().positive(),
  handed_over_at: EpochMs,
});
export type DispatchView = z.infer<typeof DispatchView>;
export const DispatchClaimAnswer = z.strictObject({ dispatch: DispatchView.nullable() });

export const DispatchHeartbeatRequest = z.strictObject({ lease: Fence });

/** The most reports on one run, and the most characters of one. */
export const mostReports = 2000;
export const longestReport = 16_384;

/** What an agent says while it works. `number` counts its reports from 1: one that is sent again is known as a repeat. */
export const DispatchReportRequest = z.strictObject({
  lease: Fence,
  number: z.int().min(1).max(mostReports),
  text: z.string().min(1).max(longestReport),
  /** How far it is, from 0 to 1; then the text is a line about that, not output. */
  fraction: z.number().min(0).max(1).optional(),
});
export type DispatchReportRequest = z.infer<typeof DispatchReportRequest>;
/** `cancel` and `panic` say to stop. */
export const DispatchReportAnswer = HeartbeatAnswer;

/** How it ended. `unknown`: the agent cannot tell; a person looks. */
export const DispatchFinishRequest = z.strictObject({
  lease: Fence,
  result: z.enum(['succeeded', 'failed', 'cancelled', 'unknown']),
  /** Why, for any other end than success. */
  message: z.string().max(2000).optional(),
  summary: JsonObject.optional(),
  artifacts: z.array(ArtifactUpload).max(32).default([]),
});
export type DispatchFinishRequest = z.infer<typeof DispatchFinishRequest>;
export const DispatchFinishAnswer = z.strictObject({ run_id: RunId, state: RunState });

import { z } from 'zod';
import { StepInput } from '../plan/plan.ts';
import { Failure } from '../run/run.ts';
import { AgentRef, EpochMs, JsonObject, RequestId, Sha256Digest, Uuid } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';

/** Most characters of a prompt or of an instruction. */
export const longestInstruction = 65_536;
/** A prompt, or an instruction as it is handed over: some text that is not only white space. */
export const InstructionText = z.string().max(longestInstruction).regex(/\S/, 'say what is to be done');

const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}';
export const DraftId = z.string().regex(new RegExp(`^d_${ulid}$`));
export const ApprovedId = z.string().regex(new RegExp(`^a_${ulid}$`));
export const RunId = z.string().regex(new RegExp(`^r_${ulid}$`));

/** An instruction for an agent. Without `content` the prompt is what is handed over. */
export const DraftCreateRequest = z.strictObject({
  prompt: InstructionText,
  /** What the agent is to know, as data. */
  context: JsonObject.optional(),
  content: InstructionText.optional(),
  /** Only the agent of this name gets it; any agent when left out. */
  agent: AgentRef.optional(),
  request_id: RequestId.optional(),
});
export type DraftCreateRequest = z.infer<typeof DraftCreateRequest>;

/** What of a draft is to be other; what is left out stays. `revision` refuses where somebody else was faster. */
export const DraftEditRequest = z
  .strictObject({
    prompt: InstructionText.optional(),
    context: JsonObject.optional(),
    content: InstructionText.optional(),
    agent: AgentRef.nullable().optional(),
    /** For a draft of typed steps. */
    steps: z.array(StepInput).min(1).max(64).optional(),
    revision: z.int().nonnegative().optional(),
  })
  .refine(({ revision: _revision, ...change }) => Object.keys(change).length > 0, 'say what is to be other');
export type DraftEditRequest = z.infer<typeof DraftEditRequest>;

export const DraftStatus = z.enum(['generating', 'draft', 'approved', 'rejected', 'error']);
export type DraftStatus = z.infer<typeof DraftStatus>;

/** A proposed operation as a draft: the source's fields (OR-4), and what is behind them. */
export const DraftView = z.strictObject({
  id: DraftId,
  /** What was asked for; what typed steps say of themselves where they came without one. */
  prompt: z.string(),
  context: JsonObject,
  /** What an approval hands over: the instruction, or the typed steps as JSON. Empty while it is generated. */
  content: z.string(),
  status: DraftStatus,
  created_at: EpochMs,
  /** Which provider wrote the content; null where a person or an agent did. */
  provider: z.string().nullable(),
  /** The governed command that it comes from. */
  command: z.string().nullable(),
  op_id: Uuid,
  kind: z.enum(['instruction', 'steps']),
  agent: z.string().nullable(),
  target: TargetRef,
  steps: z.array(StepInput),
  /** Whether an AI had a hand in it. */
  ai: z.boolean(),
  revision: z.int().nonnegative(),
  digest: Sha256Digest.nullable(),
  display: z.string(),
  error: Failure.nullable(),
  next: z.array(z.string()),
});
export type DraftView = z.infer<typeof DraftView>;

/** What was approved, from the very plan that was (OR-4). `prompt` is what an agent is told, nothing else of the draft is served. */
export const ApprovedView = z.strictObject({
  id: ApprovedId,
  draft_id: DraftId,
  prompt: z.string(),
  approved_at: EpochMs,
  /** Who decided; `policy` where no decision was needed. */
  approved_by: z.string(),
  context: JsonObject,
  op_id: Uuid,
  kind: z.enum(['instruction', 'steps']),
  agent: z.string().nullable(),
  target: TargetRef,
  digest: Sha256Digest,
  run_id: RunId.nullable(),
});
export type ApprovedView = z.infer<typeof ApprovedView>;

/** A run in the source's words (OR-4). */
export const RunSummary = z.strictObject({
  id: RunId,
  approved_id: ApprovedId,
  status: z.enum(['pending', 'running', 'done', 'error']),
  /** What it said, oldest first, the newest 500 lines. Empty in a list. */
  log: z.array(z.string()),
  started_at: EpochMs.nullable(),
  ended_at: EpochMs.nullable(),
  created_at: EpochMs,
  op_id: Uuid,
  /** The bundle that proves it, once it is sealed. */
  bundle_id: Uuid,
  target: z.string(),
  display: z.string(),
  failure: Failure.nullable(),
  /** `outcome: "unknown"` where it is not known what happened. */
  detail: JsonObject,
});
export type RunSummary = z.infer<typeof RunSummary>;

/** Decides on a draft as it was shown. The digest may be left out: then it is the plan last shown to the caller that counts. */
export const DraftDecideRequest = z.strictObject({
  digest: Sha256Digest.optional(),
  comment: z.string().max(2000).optional(),
});
export const DraftRejectRequest = z.strictObject({
  digest: Sha256Digest.optional(),
  reason: z.string().max(2000).optional(),
});

/** Starts the one run of what was approved. */
export const RunCreateRequest = z.strictObject({
  /** A draft's id is refused without a look-up. */
  approved_id: z.string().regex(new RegExp(`^[ad]_${ulid}$`), 'expected a_<ulid>'),
  request_id: RequestId.optional(),
});
export const RunCreateAnswer = z.strictObject({ run_id: RunId });
/** Asks the active provider for a draft's content. */
export const GenerateRequest = z.strictObject({
  prompt: InstructionText,
  context: JsonObject.optional(),
  agent: AgentRef.optional(),
  request_id: RequestId.optional(),
});
export type GenerateRequest = z.infer<typeof GenerateRequest>;

import { z } from 'zod';
import { InstructionText } from '../draft/draft.ts';
import { JsonObject, Name, OperationRef, RequestId } from '../scalar/scalar.ts';

/** The commands by which a provider drafts something of its own making (CP-7). Each only ever makes a draft. */
export const AiCommandName = z.enum(['generate_patch', 'fix_failing_check', 'explain_drift', 'prepare_upgrade']);
export type AiCommandName = z.infer<typeof AiCommandName>;

const Path = z.string().min(1).max(512);
const Paths = z.array(Path).min(1).max(8);
const Goal = InstructionText.max(4000);
const Ref = z.string().min(1).max(200);

/** What each command is asked with. */
export const AiCommandInputs = {
  generate_patch: z.strictObject({
    goal: Goal.meta({ description: 'What is to be other in the repository.' }),
    paths: Paths.meta({ description: 'The files that it may read.' }),
  }),
  fix_failing_check: z.strictObject({
    op_id: OperationRef.meta({ description: 'An operation on the same target whose plan has failing checks.' }),
    paths: Paths.optional().meta({ description: 'Further files that it may read, beside those that the checks name.' }),
  }),
  explain_drift: z.strictObject({
    from: Ref.optional().meta({ description: 'Where the comparison begins; the commit before `to` when left out.' }),
    to: Ref.optional().meta({ description: "Where it ends; the target's branch when left out." }),
    paths: Paths.optional().meta({ description: 'Only these paths.' }),
  }),
  prepare_upgrade: z.strictObject({
    goal: Goal.meta({ description: 'What is to be upgraded, and to what.' }),
    paths: Paths.meta({ description: 'The files that it may read, such as manifests and lock files.' }),
  }),
} as const;

const Patch = z.strictObject({
  message: z.string().min(1).max(2000).meta({ description: 'Commit message: what changes and why.' }),
  patch: z.string().min(1).max(200_000).meta({ description: 'Unified diff as git writes it, with a/ and b/ paths.' }),
});
const Lines = z.array(z.string().min(1).max(2000)).max(50);

/** What the provider must answer to each. */
export const AiCommandOutputs = {
  generate_patch: Patch,
  fix_failing_check: Patch,
  explain_drift: z.strictObject({ summary: z.string().min(1).max(8000), findings: Lines }),
  prepare_upgrade: z.strictObject({ title: z.string().min(1).max(400), steps: Lines.min(1), risks: Lines }),
} as const;

/** A command as it may be asked for. */
export const AiCommandView = z.strictObject({
  name: AiCommandName,
  title: z.string(),
  description: z.string(),
  connector: Name,
  /** Reads of the caller's own, through policy and audit, that it may put before the provider. */
  reads: z.array(z.string()),
  /** The action of its draft's steps. */
  makes: z.string(),
  input_schema: JsonObject,
  output_schema: JsonObject,
});
export type AiCommandView = z.infer<typeof AiCommandView>;

export const AiCommandRequest = z.strictObject({
  /** The repository that it is about. */
  target: Name,
  inputs: JsonObject,
  request_id: RequestId.optional(),
});
export type AiCommandRequest = z.infer<typeof AiCommandRequest>;

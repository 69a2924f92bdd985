import { ConnectorError, type ParsedStep } from '@countersign/connector-kit';
import { z } from 'zod';
import { BranchName } from './config.ts';
import { RepoPath } from './paths/repo-path.ts';

const ObjectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'use a full object id in lower case');
const FileMode = z.enum(['100644', '100755']);

/** One file as it shall be. */
export const FileInput = z.union([
  z.strictObject({
    path: RepoPath,
    content: z
      .string()
      .refine((text) => text.isWellFormed(), 'not valid Unicode')
      .meta({ 'x-content': true }),
  }),
  z.strictObject({ path: RepoPath, content_base64: z.base64() }),
  z.strictObject({ path: RepoPath, blob: ObjectId, mode: FileMode.optional() }),
  z.strictObject({ path: RepoPath, delete: z.literal(true) }),
]);
export type FileInput = z.infer<typeof FileInput>;

const Message = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => text.trim() !== '', 'is blank')
  .refine((text) => text.isWellFormed() && !/[^\P{Cc}\n\t]/u.test(text), 'has a control character')
  .refine((text) => !/^\s*countersign-/im.test(text), 'has a line that begins like a trailer of Countersign');

const branch = BranchName.optional().meta({ description: "Default: the target's branch." });
const message = Message.meta({ description: 'Commit message.', 'x-from-prompt': true, 'x-content': true });

export const WriteFilesInputs = z.strictObject({
  files: z.array(FileInput).min(1).max(500).meta({ description: 'Each file as it shall be, or that it shall go.' }),
  executable: z
    .boolean()
    .optional()
    .meta({ description: 'Mode of the written files; left out, an existing file keeps its own.' }),
  message,
  branch,
});
export type WriteFilesInputs = z.infer<typeof WriteFilesInputs>;

export const ApplyPatchInputs = z
  .strictObject({
    patch: z
      .string()
      .min(1)
      .refine((text) => text.isWellFormed(), 'not valid Unicode')
      .optional()
      .meta({ description: 'Unified diff, as `git diff --binary` writes it.', 'x-ask': true, 'x-content': true }),
    patch_base64: z.base64().min(4).optional().meta({ description: 'The same as bytes, where it is not UTF-8.' }),
    message,
    branch,
  })
  .refine((inputs) => (inputs.patch === undefined) !== (inputs.patch_base64 === undefined), {
    message: 'give either "patch" or "patch_base64"',
    path: ['patch'],
  });
export type ApplyPatchInputs = z.infer<typeof ApplyPatchInputs>;

export const RevertInputs = z.strictObject({
  commit: ObjectId.meta({ description: 'The commit to take back; it is in the history of the branch.' }),
  mainline: z.int().min(1).max(64).optional().meta({ description: 'Of a merge: the parent to go back to, from 1.' }),
  message: Message.optional().meta({ description: 'Commit message; default: Revert "…".' }),
  branch,
});
export type RevertInputs = z.infer<typeof RevertInputs>;

/** A change as it was asked for. */
export type ChangeRequest =
  | { readonly kind: 'files'; readonly inputs: WriteFilesInputs }
  | { readonly kind: 'patch'; readonly inputs: ApplyPatchInputs }
  | { readonly kind: 'revert'; readonly inputs: RevertInputs };

/** What a step asks for. */
export function requestOf(step: ParsedStep): ChangeRequest {
  switch (step.action) {
    case 'repo.write_files':
      return { kind: 'files', inputs: WriteFilesInputs.parse(step.inputs) };
    case 'repo.apply_patch':
      return { kind: 'patch', inputs: ApplyPatchInputs.parse(step.inputs) };
    case 'repo.revert':
      return { kind: 'revert', inputs: RevertInputs.parse(step.inputs) };
    default:
      throw new ConnectorError('E_INTERNAL', `${step.action} is not a change of this connector`, { effect: 'none' });
  }
}

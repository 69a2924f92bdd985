import { type ActionDefinition, defineAction } from '@countersign/connector-kit';
import { z } from 'zod';
import { BranchName } from './config.ts';
import { RepoPath } from './paths/repo-path.ts';

const ObjectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'use a full object id in lower case');
const FileMode = z.enum(['100644', '100755']);

/** A branch, a tag, `HEAD` or an object id; no expression. */
const RefName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]*$/, 'use a branch, a tag, HEAD or an object id')
  .refine((name) => !name.includes('..'), 'ranges are not taken');

/** One file as it shall be. */
export const FileInput = z.union([
  z.strictObject({ path: RepoPath, content: z.string().refine((text) => text.isWellFormed(), 'not valid Unicode') }),
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

export const WriteFilesInputs = z.strictObject({
  files: z.array(FileInput).min(1).max(500).meta({ description: 'Each file as it shall be, or that it shall go.' }),
  executable: z
    .boolean()
    .optional()
    .meta({ description: 'Mode of the written files; left out, an existing file keeps its own.' }),
  message: Message.meta({ description: 'Commit message.' }),
  branch: BranchName.optional().meta({ description: "Default: the target's branch." }),
});
export type WriteFilesInputs = z.infer<typeof WriteFilesInputs>;

export const FileInputs = z.strictObject({
  path: RepoPath,
  ref: RefName.optional().meta({ description: "Branch, tag or commit; default: the target's branch." }),
  max_bytes: z.int().positive().max(8_388_608).optional(),
});
export const TreeInputs = z.strictObject({
  path: RepoPath.optional().meta({ description: 'Folder; default: the root.' }),
  ref: RefName.optional(),
  recursive: z.boolean().optional(),
});
const StatusInputs = z.strictObject({});
export const DiffInputs = z.strictObject({
  from: RefName.optional().meta({ description: 'Default: the first parent of `to`.' }),
  to: RefName.optional().meta({ description: "Default: the target's branch." }),
  paths: z.array(RepoPath).min(1).max(200).optional(),
});

const read = {
  version: 1,
  effect: 'read',
  risk: 'low',
  timeoutMs: 60_000,
  outputCapBytes: 4_194_304,
  idempotency: 'none',
  replay: 'none',
  follows: false,
} as const;

/** Everything the connector can do. */
export const actions: readonly ActionDefinition[] = [
  defineAction({
    ...read,
    name: 'repo.file',
    title: 'Read a file',
    description: 'Reads one file of a commit.',
    inputs: FileInputs,
  }),
  defineAction({
    ...read,
    name: 'repo.tree',
    title: 'List files',
    description: 'Lists a folder of a commit.',
    inputs: TreeInputs,
  }),
  defineAction({
    ...read,
    name: 'repo.status',
    title: 'Show the status',
    description: 'Shows the branch and what is not committed in its work tree.',
    inputs: StatusInputs,
  }),
  defineAction({
    ...read,
    name: 'repo.diff',
    title: 'Compare commits',
    description: 'Shows what changed from one commit to another.',
    inputs: DiffInputs,
  }),
  defineAction({
    name: 'repo.write_files',
    version: 1,
    title: 'Write files',
    description: 'Writes, restores or deletes files in one commit on a branch.',
    effect: 'write',
    risk: 'medium',
    timeoutMs: 180_000,
    outputCapBytes: 65_536,
    idempotency: 'guard',
    replay: 'exact',
    follows: false,
    inputs: WriteFilesInputs,
  }),
];

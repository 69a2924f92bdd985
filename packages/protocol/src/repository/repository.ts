import { z } from 'zod';
import { TargetSelector } from '../operation/operation.ts';
import { Name, Uuid } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';

const text = z.string().min(1).max(1024);
const ref = z.string().min(1).max(200).optional();
const count = z.int().nonnegative();

const treeQuery = { path: text.optional(), ref, recursive: z.stringbool().optional() };
const fileQuery = { path: text, ref, max_bytes: z.coerce.number().int().positive().max(16_777_216).optional() };
const searchQuery = {
  query: text,
  regex: z.stringbool().optional(),
  ignore_case: z.stringbool().optional(),
  path: text.optional(),
  ref,
  limit: z.coerce.number().int().positive().max(10_000).optional(),
};
const diffQuery = { from: ref, to: ref, path: text.optional() };

/** What may be asked of a named repository. */
export const RepositoryTreeQuery = z.strictObject(treeQuery);
export const RepositoryFileQuery = z.strictObject(fileQuery);
export const RepositorySearchQuery = z.strictObject(searchQuery);
export const RepositoryDiffQuery = z.strictObject(diffQuery);
/** The same with the repository in the query, as the source's own addresses have it (OR-3). */
export const RepositoryTreeAliasQuery = TargetSelector.extend(treeQuery);
export const RepositoryFileAliasQuery = TargetSelector.extend(fileQuery);
export const RepositorySearchAliasQuery = TargetSelector.extend(searchQuery);
export const RepositoryDiffAliasQuery = TargetSelector.extend(diffQuery);
export const RepositoryParams = z.strictObject({ target: Name });

/** What every read answers: the operation that is in the audit, and whether something was cut. */
const read = {
  target: Name,
  op_id: Uuid,
  run_id: z.string(),
  truncated: z.boolean(),
  /** The raw output as it is kept, with secrets masked. */
  artifact_id: Uuid.nullable(),
};

const Entry = z.object({
  path: z.string(),
  type: z.enum(['file', 'folder', 'symlink', 'submodule']),
  mode: z.string(),
  oid: z.string(),
  size_bytes: count.nullable(),
});
/** Entries of a folder of a commit. */
export const RepositoryTree = z.object({
  ...read,
  path: z.string(),
  ref: z.string(),
  commit: z.string(),
  recursive: z.boolean(),
  count,
  entries: z.array(Entry),
});
export type RepositoryTree = z.infer<typeof RepositoryTree>;

/** One file of a commit. */
export const RepositoryFile = z.object({
  ...read,
  path: z.string(),
  ref: z.string(),
  commit: z.string(),
  mode: z.string(),
  oid: z.string(),
  size_bytes: count,
  binary: z.boolean(),
  /** `base64` where the content is not UTF-8. */
  encoding: z.enum(['utf8', 'base64']),
  content: z.string(),
  /** What a Git LFS pointer stands for; the content is the pointer itself. */
  lfs_pointer: z.object({ oid: z.string(), size_bytes: count }).optional(),
});
export type RepositoryFile = z.infer<typeof RepositoryFile>;

const Hit = z.object({
  path: z.string(),
  line: z.int().positive(),
  column: z.int().positive(),
  text: z.string(),
  cut: z.boolean().optional(),
});
/** Lines found in a commit. */
export const RepositorySearch = z.object({
  ...read,
  query: z.string(),
  regex: z.boolean(),
  ignore_case: z.boolean(),
  path: z.string(),
  ref: z.string(),
  commit: z.string(),
  count,
  files: count,
  hits: z.array(Hit),
});
export type RepositorySearch = z.infer<typeof RepositorySearch>;

/** What changed from one commit to another. */
export const RepositoryDiff = z.object({
  ...read,
  from: z.string().nullable(),
  to: z.string(),
  count,
  files: z.array(z.object({ path: z.string(), status: z.string() })),
  files_omitted: count,
  encoding: z.enum(['utf8', 'base64']),
  patch: z.string(),
});
export type RepositoryDiff = z.infer<typeof RepositoryDiff>;

/** The branch of a repository, its allowlist, and what is not committed in its own work tree. */
export const RepositoryStatus = z.object({
  ...read,
  branch: z.string(),
  branches: z.array(z.string()),
  commit: z.string().nullable(),
  allow: z.array(z.string()),
  deny: z.array(z.string()),
  bare: z.boolean(),
  shallow: z.boolean(),
  work_tree: z.enum(['none', 'clean', 'dirty']),
  checked_out_in: count,
  count,
  changes: z.array(z.object({ path: z.string(), state: z.string() })),
});
export type RepositoryStatus = z.infer<typeof RepositoryStatus>;

/** The source's context: which repository is active, how it stands, which paths are allowed. */
export const RepositoryContext = z.object({
  active_repository: TargetRef,
  status: RepositoryStatus,
  allowlist: z.object({ allow: z.array(z.string()), deny: z.array(z.string()) }),
});
export type RepositoryContext = z.infer<typeof RepositoryContext>;

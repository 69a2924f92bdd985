import { z } from 'zod';
import { RepoPath } from './paths/repo-path.ts';

/** A branch, a tag, `HEAD` or an object id; no expression. */
const RefName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._/-]*$/, 'use a branch, a tag, HEAD or an object id')
  .refine((name) => !name.includes('..'), 'ranges are not taken');

const ref = RefName.optional().meta({ description: "Branch, tag or commit; default: the target's branch." });

export const FileInputs = z.strictObject({
  path: RepoPath,
  ref,
  max_bytes: z.int().positive().max(16_777_216).optional(),
});

export const TreeInputs = z.strictObject({
  path: RepoPath.optional().meta({ description: 'Folder; default: the root.' }),
  ref,
  recursive: z.boolean().optional(),
});

export const StatusInputs = z.strictObject({});

export const DiffInputs = z.strictObject({
  from: RefName.optional().meta({ description: 'Default: the first parent of `to`.' }),
  to: RefName.optional().meta({ description: "Default: the target's branch." }),
  paths: z.array(RepoPath).min(1).max(200).optional(),
});

export const SearchInputs = z.strictObject({
  query: z
    .string()
    .min(1)
    .max(1000)
    .refine((text) => text.isWellFormed() && !/[\0\n]/.test(text), 'is one line of text')
    .meta({ description: 'Text to find, or a pattern with `regex`.' }),
  regex: z.boolean().optional().meta({ description: 'Whether `query` is a POSIX extended regular expression.' }),
  ignore_case: z.boolean().optional(),
  path: RepoPath.optional().meta({ description: 'File or folder to search; default: everything.' }),
  ref,
  limit: z.int().positive().max(10_000).optional().meta({ description: 'Most lines to answer; default 1000.' }),
});

export const LogInputs = z.strictObject({
  path: RepoPath.optional().meta({ description: 'Only commits that changed this file or folder.' }),
  ref,
  limit: z.int().positive().max(5000).optional().meta({ description: 'Most commits to answer; default 100.' }),
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'Only commits made after this time, such as 2026-01-31T00:00:00Z.' }),
});

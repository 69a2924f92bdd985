import { z } from 'zod';

/** A branch name git takes and no command can take for an option or an expression. */
export const BranchName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_](?:[A-Za-z0-9._/-]*[A-Za-z0-9_-])?$/, 'use letters, digits, ".", "_", "-", "/"')
  .refine((name) => !/\.\.|\/\/|\/\.|\.lock(?:\/|$)|\.\//.test(name), 'git does not take this branch name');

const Glob = z.string().min(1).max(1024);

/** Settings of a `repo` target. */
export const RepoConfig = z.strictObject({
  /** Absolute path of a work tree's root, or of a bare repository. */
  path: z.string().regex(/^\//, 'use an absolute path'),
  branch: BranchName.default('main'),
  /** Other branches that steps may name. */
  branches: z.array(BranchName).default([]),
  allow: z.array(Glob).min(1).default(['**']),
  deny: z.array(Glob).default(['**/.git/**']),
  /** How many refs that keep a commit before a change stay, the newest first. */
  keep_snapshots: z.int().min(1).max(100_000).default(1000),
  author: z
    .strictObject({ name: z.string().regex(/^[^<>\p{Cc}]{1,100}$/u), email: z.string().regex(/^[^<>\s]{1,200}$/) })
    .default({ name: 'Countersign', email: 'countersign@localhost' }),
});
export type RepoConfig = z.infer<typeof RepoConfig>;

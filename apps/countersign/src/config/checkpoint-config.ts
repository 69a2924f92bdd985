import { Name } from '@countersign/protocol';
import { z } from 'zod';
import { oneSecret, signatureSecret, uniqueNames } from './entry-rules.ts';
import { CallableUrl } from './outbound-config.ts';

const common = {
  name: Name.meta({ description: 'Unique name of the place; the record of what it has goes by it.' }),
  every_seconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(60)
    .meta({ description: 'How often a checkpoint goes there, if the log has grown.' }),
};
// What git would take for an option, a range or a lock is no branch here.
const branchPattern = /^(?!.*(\.\.|\/\/|@\{|\.lock$))[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$/;

/** One place outside that keeps the log's checkpoints. */
const CheckpointEntry = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    ...common,
    path: z
      .string()
      .min(1)
      .meta({ description: 'File that gets a JSON line each; may stand on a mounted other host.' }),
  }),
  z.strictObject({
    kind: z.literal('git'),
    ...common,
    repository: z.string().min(1).meta({ description: 'Folder of a repository that exists, bare or not.' }),
    branch: z
      .string()
      .regex(branchPattern, 'expected a branch name')
      .default('countersign-checkpoints')
      .meta({ description: 'Branch of its own; it must not be checked out there.' }),
    push: z
      .string()
      .regex(branchPattern, 'expected the name of a remote')
      .optional()
      .meta({ description: 'Remote to push the branch to after each commit.' }),
  }),
  z
    .strictObject({
      kind: z.literal('webhook'),
      ...common,
      url: CallableUrl.meta({ description: 'Address that gets a POST; redirects are not followed.' }),
      ...signatureSecret,
    })
    .refine(...oneSecret),
]);

/** `checkpoints` of `countersign.yaml`. */
export const CheckpointEntries = z
  .array(CheckpointEntry)
  .max(16)
  .default([])
  .superRefine(uniqueNames)
  .meta({ description: "Where the audit log's signed checkpoints are kept outside of this host." });

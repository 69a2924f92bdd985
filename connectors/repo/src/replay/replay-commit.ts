import { compareReplay, type ReplayStep } from '@countersign/connector-kit';
import type { ReplayComparison } from '@countersign/protocol';
import { z } from 'zod';
import type { StepChange } from '../change/step-change.ts';
import { type CommitAuthor, writeCommit } from '../client/commit.ts';
import { authorOf } from '../client/history.ts';
import type { Scratch } from '../client/scratch.ts';
import { Before, commitMessage } from '../intent.ts';

/** What the run recorded of a commit; a step that a person resolved recorded none. */
const CommitRecorded = z.looseObject({
  commit: z.string(),
  tree: z.string(),
  author: z.looseObject({ name: z.string(), email: z.string(), at: z.int() }).optional(),
});

/** Where a chain of replayed commits stands; null once a commit could not be written again. */
export type ReplayedParent = string | null;

/** The recorded author, else that of the recorded commit where the repository still has it. */
async function authorFor(
  scratch: Scratch,
  recorded: z.infer<typeof CommitRecorded>,
): Promise<CommitAuthor | undefined> {
  const { author, commit } = recorded;
  if (author !== undefined) return { name: author.name, email: author.email, atMs: author.at };
  return await authorOf(scratch, commit);
}

/**
 * Compares a replayed change with what the run recorded: the tree before, the tree after, each file, and the commit,
 * which is written again with the recorded author and time and so has the same id or is another commit.
 */
export async function compareCommit(
  scratch: Scratch,
  { step, before, after }: ReplayStep,
  change: StepChange,
  parent: ReplayedParent,
): Promise<{ compared: ReplayComparison[]; parent: ReplayedParent }> {
  const { index } = step;
  const kept = Before.safeParse(before);
  if (!kept.success) {
    return { compared: [compareReplay(index, 'recorded state before', 'readable', 'not readable')], parent: null };
  }
  const files = change.files.map(({ path, was, now }) => ({ path, was: was && { ...was }, now: now && { ...now } }));
  const compared = [
    compareReplay(index, 'tree before', kept.data.tree, change.from),
    compareReplay(index, 'tree planned', kept.data.result_tree, change.to),
    compareReplay(index, 'files', kept.data.files, files),
  ];
  const recorded = CommitRecorded.safeParse(after);
  if (!recorded.success) return { compared, parent: null };
  compared.push(compareReplay(index, 'tree after', recorded.data.tree, change.to));
  if (parent === null) return { compared, parent };
  compared.push(compareReplay(index, 'commit before', kept.data.commit, parent));
  const author = await authorFor(scratch, recorded.data);
  if (author === undefined) return { compared, parent: null };
  const commit = await writeCommit(scratch, change.to, parent, commitMessage(step, change.message), author);
  compared.push(compareReplay(index, 'commit', recorded.data.commit, commit));
  return { compared, parent: commit };
}

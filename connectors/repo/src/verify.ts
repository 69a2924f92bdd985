import type { Applied, ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import { authorOf, isAncestor } from './client/history.ts';
import { openRepository, readRef } from './client/repository.ts';
import { type Scratch, withScratch } from './client/scratch.ts';
import { entriesAt, fileAt, treeOf } from './client/tree.ts';
import { notVerified } from './errors.ts';
import { finishWorkTrees } from './follow.ts';
import { Before } from './intent.ts';
import { Guard } from './observe.ts';
import type { RepoTarget } from './target.ts';

async function checkBlobs(scratch: Scratch, commit: string, before: Before): Promise<void> {
  const entries = await entriesAt(
    scratch,
    commit,
    before.files.map(({ path }) => path),
  );
  for (const { path, now } of before.files) {
    const entry = fileAt(entries, path);
    if (entry?.oid !== now?.oid || entry?.mode !== now?.mode) throw notVerified(`${path} is not as it was to become`);
  }
}

/**
 * Reads the commit back: the branch must be on it or past it, and its tree must be the planned one. Then finishes the
 * checkout of work trees that a killed worker left at the old commit.
 */
export async function verify(
  target: RepoTarget,
  _step: ParsedStep,
  kept: Json,
  applied: Applied,
  context: WorkContext,
): Promise<Json> {
  const before = Before.parse(kept);
  const { ref, commit } = Guard.parse(applied.guard);
  if (commit === null) throw notVerified('the step left no commit');
  const repository = await openRepository(target.ports.exec, target.config.path, context.signal);
  const tip = await readRef(repository, ref, context.signal);
  if (tip === undefined) throw notVerified(`the branch ${ref} is gone`);
  const { tree, author } = await withScratch(repository, 'scratch', context.signal, async (scratch) => {
    if (!(await isAncestor(scratch, commit, tip))) throw notVerified(`${commit} is not in the history of ${ref}`);
    const found = await treeOf(scratch, commit);
    if (found !== before.result_tree) throw notVerified(`${commit} has another tree than the one planned`);
    await checkBlobs(scratch, commit, before);
    return { tree: found, author: await authorOf(scratch, commit) };
  });
  const workTrees = await finishWorkTrees(repository, before, commit, context.signal);
  const files = before.files.map(({ path, now }) => ({ path, oid: now?.oid ?? null }));
  // With these a replay writes the same commit again, also where this one is gone by then.
  const by = author === undefined ? {} : { author: { name: author.name, email: author.email, at: author.atMs } };
  return { ref, commit, tree, tip, ...by, files, work_trees: workTrees };
}

import { inTheWay, type WorkTreeChange } from '../client/obstacles.ts';
import type { Repository } from '../client/repository.ts';
import { statusOf, type WorkTree, workTreesOn } from '../client/work-tree.ts';
import type { Problems } from './checks.ts';
import type { TouchedFile } from './step-change.ts';

/** Sums up the touched files of a list: what counts is each path's state before the first step. */
export function workTreeChange(files: readonly TouchedFile[]): WorkTreeChange {
  const first = new Map<string, TouchedFile>();
  for (const file of files) if (!first.has(file.path)) first.set(file.path, file);
  const created = [...first.values()].filter(({ was }) => was === null).map(({ path }) => path);
  const deleted = files.filter(({ now }) => now === null).map(({ path }) => path);
  return { created, deleted: new Set(deleted) };
}

/** The work trees the branch is checked out in; what would be trampled there goes to `bad`. */
export async function checkWorkTrees(
  repository: Repository,
  ref: string,
  files: readonly TouchedFile[],
  bad: Problems,
  signal: AbortSignal,
): Promise<WorkTree[]> {
  const trees = await workTreesOn(repository, ref, signal);
  const change = workTreeChange(files);
  for (const tree of trees) {
    for (const { path } of await statusOf(tree, 'no', signal)) {
      bad.add('repo.worktree_clean', `${path} has uncommitted changes in a work tree of the branch`, path);
    }
    for (const path of await inTheWay(tree, change)) {
      bad.add('repo.worktree_clean', `${path} is in the way in a work tree of the branch`, path);
    }
  }
  return trees;
}

import type { Repository } from '../client/repository.ts';
import { inTheWay, statusOf, type WorkTree, workTreesOn } from '../client/work-tree.ts';
import type { Problems } from './checks.ts';

/** The work trees the branch is checked out in; what would be trampled there goes to `bad`. */
export async function checkWorkTrees(
  repository: Repository,
  ref: string,
  created: readonly string[],
  bad: Problems,
  signal: AbortSignal,
): Promise<WorkTree[]> {
  const trees = await workTreesOn(repository, ref, signal);
  for (const tree of trees) {
    for (const { path } of await statusOf(tree, 'no', signal)) {
      bad.add('repo.worktree_clean', `${path} has uncommitted changes in a work tree of the branch`, path);
    }
    for (const path of await inTheWay(tree, created)) {
      bad.add('repo.worktree_clean', `${path} is in the way in a work tree of the branch`, path);
    }
  }
  return trees;
}

import { ConnectorError } from '@countersign/connector-kit';
import type { JsonObject } from '@countersign/protocol';
import { workTreeChange } from './change/work-tree-check.ts';
import { inTheWay } from './client/obstacles.ts';
import { type Repository, readRef } from './client/repository.ts';
import { canMove, isExactly, moveWorkTree, statusOf, type WorkTree, workTreesOn } from './client/work-tree.ts';
import type { Before } from './intent.ts';

function leftAlone(path: string | null, why: string): JsonObject {
  return { path, updated: false, why, next: 'bring the work tree to the branch by hand' };
}

/** Brings a work tree from one commit to another; what git would not do is said, not thrown. */
export async function followWithWorkTree(tree: WorkTree, from: string, to: string): Promise<JsonObject> {
  const { updated, why } = await moveWorkTree(tree, from, to);
  return updated ? { path: tree.path, updated } : leftAlone(tree.path, why);
}

async function finishOne(tree: WorkTree, before: Before, commit: string, signal: AbortSignal): Promise<JsonObject> {
  const { path, repository } = tree;
  const changed = await statusOf(tree, 'no', signal);
  if (changed.length === 0) return { path, updated: true };
  const first = changed[0]?.path ?? '';
  if (!(await isExactly(tree, before.commit, signal))) {
    return leftAlone(path, `${first} has changes that are neither the old commit nor the new one`);
  }
  const [obstacle] = await inTheWay(tree, workTreeChange(before.files));
  if (obstacle !== undefined) return leftAlone(path, `${obstacle} is in the way`);
  if (!(await canMove(tree, before.commit, commit, signal))) return leftAlone(path, 'git cannot check the commit out');
  if ((await readRef(repository, before.ref, signal)) !== commit) return leftAlone(path, 'the branch has moved on');
  return await followWithWorkTree(tree, before.commit, commit);
}

/** No work tree makes a commit that stands a failure; an interruption still is one. */
async function orLeftAlone<T>(signal: AbortSignal, work: () => Promise<T>, left: (why: string) => T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted || !(error instanceof ConnectorError)) throw error;
    return left(error.message);
  }
}

/**
 * Finishes the checkout of a worker that was killed after it moved the branch: a work tree that is exactly at the old
 * commit follows as it would have in `apply`; every other one stays as it is. Answers how each of them stands.
 */
export async function finishWorkTrees(
  repository: Repository,
  before: Before,
  commit: string,
  signal: AbortSignal,
): Promise<JsonObject[]> {
  const finish = async (): Promise<JsonObject[]> => {
    const ends: JsonObject[] = [];
    for (const tree of await workTreesOn(repository, before.ref, signal)) {
      const one = () => finishOne(tree, before, commit, signal);
      ends.push(await orLeftAlone(signal, one, (why) => leftAlone(tree.path, why)));
    }
    return ends;
  };
  return await orLeftAlone(signal, finish, (why) => [leftAlone(null, why)]);
}

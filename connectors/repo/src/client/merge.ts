import { join } from 'node:path';
import type { Scratch } from './scratch.ts';

/** A merge of three trees: the merged tree, or the paths at which git found a conflict. */
export type TreeMerge =
  | { readonly clean: true; readonly tree: string }
  | { readonly clean: false; readonly conflicts: readonly string[] };

const identity = {
  GIT_AUTHOR_NAME: 'merge',
  GIT_AUTHOR_EMAIL: 'merge@localhost',
  GIT_AUTHOR_DATE: '@0 +0000',
  GIT_COMMITTER_NAME: 'merge',
  GIT_COMMITTER_EMAIL: 'merge@localhost',
  GIT_COMMITTER_DATE: '@0 +0000',
};

/** Where the objects of a merge are kept: in the scratch folder, whatever becomes of them. */
export function mergeObjects(scratch: Scratch): Readonly<Record<string, string>> {
  return { GIT_OBJECT_DIRECTORY: join(scratch.folder, 'objects') };
}

async function commitOfTree(scratch: Scratch, tree: string, parent: string | undefined): Promise<string> {
  const { text } = await scratch.git({
    what: 'prepare the merge',
    args: ['commit-tree', '--no-gpg-sign', ...(parent === undefined ? [] : ['-p', parent]), '-m', 'merge', tree],
    env: { ...identity, ...mergeObjects(scratch) },
  });
  return text.trim();
}

/** Merges two trees that come from one, as git does by default. The result is in the scratch folder. */
export async function mergeTrees(scratch: Scratch, base: string, ours: string, theirs: string): Promise<TreeMerge> {
  // This git's merge-tree takes commits and looks for their base itself.
  const from = await commitOfTree(scratch, base, undefined);
  const [one, other] = [await commitOfTree(scratch, ours, from), await commitOfTree(scratch, theirs, from)];
  const { code, text } = await scratch.git({
    what: 'merge the trees',
    args: ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', one, other],
    env: mergeObjects(scratch),
    accept: [0, 1],
  });
  const [tree = '', ...paths] = text.split('\0');
  if (code === 0) return { clean: true, tree: tree.trim() };
  return { clean: false, conflicts: paths.filter((path) => path !== '') };
}

import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parentsOf } from '../paths/repo-path.ts';
import type { WorkTree } from './work-tree.ts';

/** What a change makes and takes away in a work tree. */
export interface WorkTreeChange {
  /** Files the branch does not have yet. */
  readonly created: readonly string[];
  /** Files of the branch that the change takes away. */
  readonly deleted: ReadonlySet<string>;
}

async function kindOf(path: string): Promise<'none' | 'folder' | 'other'> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return 'none';
  return stat.isDirectory() ? 'folder' : 'other';
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((each) => !each.isDirectory()).map((each) => join(each.parentPath, each.name));
}

/** Files of the work tree that the branch does not have and that the change would overwrite; ignored files count. */
export async function inTheWay(tree: WorkTree, change: WorkTreeChange): Promise<string[]> {
  const found = new Set<string>();
  const add = (path: string): void => {
    if (!change.deleted.has(path)) found.add(path);
  };
  for (const path of change.created) {
    for (const parent of parentsOf(path)) if ((await kindOf(join(tree.path, parent))) === 'other') add(parent);
    const full = join(tree.path, path);
    const kind = await kindOf(full);
    if (kind === 'other') add(path);
    if (kind === 'folder') for (const file of await filesIn(full)) add(relative(tree.path, file));
  }
  return [...found].sort();
}

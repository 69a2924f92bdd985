import type { TreeEntry } from '../client/tree.ts';
import type { Allowlist } from '../paths/allowlist.ts';
import { parentsOf, pathProblem } from '../paths/repo-path.ts';
import type { Problems } from './checks.ts';

/** One path that a change touches, and what it shall be there. */
export interface PathUse {
  readonly path: string;
  /** `read` is a file that only gives its content, such as the source of a copy. */
  readonly use: 'write' | 'delete' | 'read';
  /** Mode of the new file, where the change says one. */
  readonly mode: string | undefined;
}

/** Whether the paths may be named at all: by their form and by the allowlist. */
export function checkNames(uses: readonly PathUse[], allowlist: Allowlist, bad: Problems): void {
  for (const { path } of uses) {
    const problem = pathProblem(path);
    if (problem !== undefined) bad.add('repo.paths_allowed', `the path ${path} ${problem}`, path);
    else if (!allowlist.allows(path)) bad.add('repo.paths_allowed', `${path} is outside the allowed paths`, path);
    else if (/(?:^|\/)\.gitmodules$/i.test(path)) bad.add('repo.no_submodule', `${path} declares submodules`, path);
  }
}

function checkParents(path: string, entries: Map<string, TreeEntry>, deleted: ReadonlySet<string>, bad: Problems) {
  for (const parent of parentsOf(path)) {
    const entry = entries.get(parent);
    if (entry?.mode === '120000') bad.add('repo.no_symlink_escape', `${parent} is a symbolic link`, path);
    else if (entry?.mode === '160000') bad.add('repo.no_submodule', `${parent} is a submodule`, path);
    else if (entry?.type === 'blob' && !deleted.has(parent)) {
      bad.add('repo.no_path_conflict', `${parent} is a file, not a folder`, path);
    }
  }
}

function checkKind({ path, mode }: PathUse, entry: TreeEntry | undefined, bad: Problems): void {
  if (entry?.mode === '120000') bad.add('repo.no_symlink_escape', `${path} is a symbolic link`, path);
  else if (mode === '120000') bad.add('repo.no_symlink_escape', `${path} would become a symbolic link`, path);
  if (entry?.mode === '160000') bad.add('repo.no_submodule', `${path} is a submodule`, path);
  else if (mode === '160000') bad.add('repo.no_submodule', `${path} would become a submodule`, path);
}

/** Whether the paths fit what is there: no way through links and submodules, no file that is a folder. */
export function checkPlaces(uses: readonly PathUse[], entries: Map<string, TreeEntry>, bad: Problems): void {
  const deleted = new Set(uses.filter(({ use }) => use === 'delete').map(({ path }) => path));
  const written = new Set(uses.filter(({ use }) => use === 'write').map(({ path }) => path));
  for (const each of uses) {
    const { path, use } = each;
    checkParents(path, entries, deleted, bad);
    checkKind(each, entries.get(path), bad);
    if (use === 'read') continue;
    for (const parent of use === 'write' ? parentsOf(path) : []) {
      if (written.has(parent)) bad.add('repo.no_path_conflict', `${parent} is written as a file too`, path);
    }
    if (entries.get(path)?.type === 'tree' && !becomesFile(path, entries, deleted)) {
      bad.add('repo.no_path_conflict', `${path} is a folder, not a file`, path);
    }
  }
}

// That a folder goes with all its files cannot be told from its own entry: git's result is compared afterwards.
function becomesFile(path: string, entries: Map<string, TreeEntry>, deleted: ReadonlySet<string>): boolean {
  return [...deleted].some((each) => each.startsWith(`${path}/`) && entries.has(each));
}

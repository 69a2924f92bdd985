import type { ChangeRequest } from '../change-inputs.ts';
import { type ChangedPath, changedPaths } from '../client/diff.ts';
import type { Scratch } from '../client/scratch.ts';
import { fileAt, type TreeEntry, writeTree } from '../client/tree.ts';
import type { Allowlist } from '../paths/allowlist.ts';
import type { Problems } from './checks.ts';
import { patchedFiles } from './patched-files.ts';
import { revertedFiles } from './reverted-files.ts';
import type { ChangeBase, Wanted } from './wanted.ts';
import { writtenFiles } from './written-files.ts';

/** A file's mode and blob, or null where there is none. */
export type FileState = { readonly mode: string; readonly oid: string } | null;

/** One file a step touches. */
export interface TouchedFile {
  readonly path: string;
  readonly was: FileState;
  readonly now: FileState;
}

/** What one step makes of a tree. */
export interface StepChange {
  readonly from: string;
  readonly to: string;
  /** Every path at which the two trees differ. */
  readonly changed: readonly ChangedPath[];
  /** Every path the step names. */
  readonly files: readonly TouchedFile[];
  /** Commit message without trailer. */
  readonly message: string;
}

function stateOf(entry: TreeEntry | undefined): FileState {
  return entry === undefined ? null : { mode: entry.mode, oid: entry.oid };
}

async function wantedBy(
  scratch: Scratch,
  base: ChangeBase,
  request: ChangeRequest,
  allowlist: Allowlist,
  bad: Problems,
): Promise<Wanted | undefined> {
  switch (request.kind) {
    case 'files':
      return await writtenFiles(scratch, base, request.inputs, allowlist, bad);
    case 'patch':
      return await patchedFiles(scratch, base, request.inputs, allowlist, bad);
    case 'revert':
      return await revertedFiles(scratch, base, request.inputs, allowlist, bad);
  }
}

/** Builds what a step makes of a tree; undefined, with the reasons in `bad`, if it may not be made. */
export async function buildStep(
  scratch: Scratch,
  base: ChangeBase,
  request: ChangeRequest,
  allowlist: Allowlist,
  bad: Problems,
): Promise<StepChange | undefined> {
  const wanted = await wantedBy(scratch, base, request, allowlist, bad);
  if (wanted === undefined || bad.any) return undefined;
  const { changes, entries, message } = wanted;
  const tree = await writeTree(scratch, base.tree, changes);
  if (tree === base.tree) {
    bad.add('repo.changes_something', 'the files are already as they shall be');
    return undefined;
  }
  const paths = changes.map(({ path }) => path);
  const named = new Set(paths);
  const changed = await changedPaths(scratch, base.tree, tree);
  // A file that became a folder or the other way round could take more along than was named.
  const more = changed.filter(({ path }) => !named.has(path)).length;
  if (more > 0) {
    bad.add('repo.no_path_conflict', `the change would take ${more} file(s) along that it does not name`);
    return undefined;
  }
  const after = new Map(changed.map((each) => [each.path, each]));
  const files = paths.map((path) => {
    const [was, now] = [stateOf(fileAt(entries, path)), after.get(path)];
    return { path, was, now: now === undefined ? was : now.status === 'D' ? null : { mode: now.mode, oid: now.oid } };
  });
  return { from: base.tree, to: tree, changed, files, message };
}

import type { RevertInputs } from '../change-inputs.ts';
import { objectFacts, readBlobs } from '../client/blobs.ts';
import { type ChangedPath, changedPaths } from '../client/diff.ts';
import { type CommitRecord, commitRecord, isAncestor } from '../client/history.ts';
import { mergeObjects, mergeTrees } from '../client/merge.ts';
import type { Scratch } from '../client/scratch.ts';
import { emptyTree, entriesAt, type TreeChange, treeOf } from '../client/tree.ts';
import type { Allowlist } from '../paths/allowlist.ts';
import { parentsOf } from '../paths/repo-path.ts';
import type { Problems } from './checks.ts';
import { checkNames, checkPlaces, type PathUse } from './path-checks.ts';
import type { ChangeBase, Wanted } from './wanted.ts';

const maxFiles = 5000;

/** The parent to go back to; undefined, with the reason in `bad`, if that is not clear. */
function parentOf(record: CommitRecord, mainline: number | undefined, bad: Problems): string | null | undefined {
  const { commit, parents } = record;
  if (parents.length > 1 && mainline === undefined) {
    bad.add(
      'repo.commit_known',
      `${commit} is a merge: say with "mainline" which of its ${parents.length} parents to go back to`,
    );
    return undefined;
  }
  if (mainline !== undefined && mainline > parents.length) {
    bad.add('repo.commit_known', `${commit} has ${parents.length} parent(s), none with the number ${mainline}`);
    return undefined;
  }
  return parents[(mainline ?? 1) - 1] ?? null;
}

/** A revert as two trees: from the commit's to that of the parent. */
export interface Reversal {
  readonly record: CommitRecord;
  readonly from: string;
  readonly to: string;
  /** What the commit changed, as its revert changes it back. */
  readonly paths: readonly ChangedPath[];
}

/** Finds what a revert is about; undefined, with the reason in `bad`, if it cannot be made. */
export async function reversalOf(
  scratch: Scratch,
  tip: string,
  inputs: RevertInputs,
  bad: Problems,
): Promise<Reversal | undefined> {
  const record = await commitRecord(scratch, inputs.commit);
  if (record === undefined || !(await isAncestor(scratch, inputs.commit, tip))) {
    bad.add('repo.commit_known', `${inputs.commit} is not a commit in the history of the branch`);
    return undefined;
  }
  const parent = parentOf(record, inputs.mainline, bad);
  if (parent === undefined) return undefined;
  if (parent !== null && (await commitRecord(scratch, parent)) === undefined) {
    bad.add('repo.commit_known', `the parent of ${inputs.commit} is not in this shallow repository`);
    return undefined;
  }
  const to = parent === null ? await emptyTree(scratch) : await treeOf(scratch, parent);
  return { record, from: record.tree, to, paths: await changedPaths(scratch, record.tree, to) };
}

function checkOwnPaths({ record, paths }: Reversal, allowlist: Allowlist, bad: Problems): void {
  // The names of hidden paths are hidden too.
  const hidden = paths.filter(({ path }) => !allowlist.allows(path)).length;
  if (hidden > 0) bad.add('repo.paths_allowed', `${record.commit} changed ${hidden} file(s) outside the allowed paths`);
  if (paths.length > maxFiles)
    bad.add('repo.size', `${record.commit} changed ${paths.length} files, at most ${maxFiles} are taken`);
  if (paths.some(({ exact }) => !exact))
    bad.add('repo.paths_allowed', `${record.commit} changed a file whose name is not UTF-8`);
}

/** The tree after the revert; undefined, with the conflicts in `bad`, if there are any. */
async function revertedTree(
  scratch: Scratch,
  base: ChangeBase,
  { record, from, to }: Reversal,
  allowlist: Allowlist,
  bad: Problems,
): Promise<string | undefined> {
  if (from === base.tree) return to;
  const merge = await mergeTrees(scratch, from, base.tree, to);
  if (merge.clean) return merge.tree;
  for (const path of merge.conflicts) {
    const named = allowlist.allows(path) ? path : 'a file outside the allowed paths';
    const file = allowlist.allows(path) ? path : undefined;
    bad.add('repo.revert_applies', `${named} was changed again since ${record.commit.slice(0, 12)}: conflict`, file);
  }
  return undefined;
}

/** Contents that the merge made and that the repository does not have. */
async function treeChanges(scratch: Scratch, paths: readonly ChangedPath[]): Promise<TreeChange[]> {
  const oids = paths.flatMap(({ status, oid }) => (status === 'D' ? [] : [oid]));
  const known = await objectFacts(scratch, oids);
  const made = await readBlobs(
    scratch,
    oids.filter((oid) => !known.has(oid)),
    mergeObjects(scratch),
  );
  return paths.map(({ path, status, mode, oid }): TreeChange => {
    if (status === 'D') return { path, mode: undefined };
    const content = made.get(oid);
    return content === undefined ? { path, mode, oid } : { path, mode, content };
  });
}

function defaultMessage({ commit, message }: CommitRecord): string {
  const subject = (message.trim().split('\n')[0] ?? '').replace(/[\p{Cc}\ufffd]/gu, '?').slice(0, 500);
  return `Revert "${subject}"\n\nThis reverts commit ${commit}.`;
}

/** What `repo.revert` makes of a tree: git's own merge of the way back with what came after. */
export async function revertedFiles(
  scratch: Scratch,
  base: ChangeBase,
  inputs: RevertInputs,
  allowlist: Allowlist,
  bad: Problems,
): Promise<Wanted | undefined> {
  const reversal = await reversalOf(scratch, base.commit, inputs, bad);
  if (reversal !== undefined) checkOwnPaths(reversal, allowlist, bad);
  if (reversal === undefined || bad.any) return undefined;
  const tree = await revertedTree(scratch, base, reversal, allowlist, bad);
  if (tree === undefined) return undefined;
  const paths = await changedPaths(scratch, base.tree, tree, mergeObjects(scratch));
  const uses = paths.map(
    ({ path, status, mode }): PathUse => ({
      path,
      use: status === 'D' ? 'delete' : 'write',
      mode: status === 'D' ? undefined : mode,
    }),
  );
  checkNames(uses, allowlist, bad);
  if (bad.any) return undefined;
  const entries = await entriesAt(
    scratch,
    base.tree,
    uses.flatMap(({ path }) => [path, ...parentsOf(path)]),
  );
  checkPlaces(uses, entries, bad);
  if (bad.any) return undefined;
  return {
    changes: await treeChanges(scratch, paths),
    entries,
    message: inputs.message ?? defaultMessage(reversal.record),
  };
}

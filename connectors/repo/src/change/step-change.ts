import { blobWasAt, objectType } from '../client/history.ts';
import type { Scratch } from '../client/scratch.ts';
import { entriesAt, type TreeChange, type TreeEntry, writeTree } from '../client/tree.ts';
import type { FileInput, WriteFilesInputs } from '../manifest.ts';
import type { Allowlist } from '../paths/allowlist.ts';
import { parentsOf } from '../paths/repo-path.ts';
import type { Problems } from './checks.ts';

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
  readonly files: readonly TouchedFile[];
}

/** What a step is built on. */
export interface ChangeBase {
  /** Commit whose history tells which blobs a path may be restored to. */
  readonly commit: string;
  readonly tree: string;
}

const maxContentBytes = 4 * 1024 * 1024;

function contentOf(file: FileInput): Uint8Array | undefined {
  if ('content' in file) return Buffer.from(file.content, 'utf8');
  if ('content_base64' in file) return Buffer.from(file.content_base64, 'base64');
  return undefined;
}

function checkPaths(files: readonly FileInput[], entries: Map<string, TreeEntry>, allowlist: Allowlist, bad: Problems) {
  const named = new Set<string>();
  const written = new Set(files.filter((file) => !('delete' in file)).map((file) => file.path));
  for (const file of files) {
    const { path } = file;
    if (!allowlist.allows(path)) bad.add('repo.paths_allowed', `${path} is outside the allowed paths`, path);
    if (/(?:^|\/)\.gitmodules$/i.test(path)) bad.add('repo.no_submodule', `${path} declares submodules`, path);
    if (named.has(path)) bad.add('repo.no_path_conflict', `${path} is named twice`, path);
    named.add(path);
    for (const parent of parentsOf(path)) {
      const entry = entries.get(parent);
      if (entry?.mode === '120000') bad.add('repo.no_symlink_escape', `${parent} is a symbolic link`, path);
      else if (entry?.mode === '160000') bad.add('repo.no_submodule', `${parent} is a submodule`, path);
      else if (entry?.type === 'blob') bad.add('repo.no_path_conflict', `${parent} is a file, not a folder`, path);
      if (written.has(parent)) bad.add('repo.no_path_conflict', `${parent} is written as a file too`, path);
    }
    const entry = entries.get(path);
    if (entry?.mode === '120000') bad.add('repo.no_symlink_escape', `${path} is a symbolic link`, path);
    if (entry?.mode === '160000') bad.add('repo.no_submodule', `${path} is a submodule`, path);
    if (entry?.type === 'tree') bad.add('repo.no_path_conflict', `${path} is a folder, not a file`, path);
    if ('delete' in file && entry === undefined) bad.add('repo.paths_exist', `${path} does not exist`, path);
  }
}

async function checkBlobs(
  scratch: Scratch,
  base: ChangeBase,
  files: readonly FileInput[],
  entries: Map<string, TreeEntry>,
  bad: Problems,
): Promise<void> {
  for (const file of files) {
    if (!('blob' in file) || entries.get(file.path)?.oid === file.blob) continue;
    // A blob of another path could show what the allowlist hides.
    const known =
      (await objectType(scratch, file.blob)) === 'blob' &&
      (await blobWasAt(scratch, base.commit, file.path, file.blob));
    if (!known) bad.add('repo.blob_known', `${file.blob} was never the content of ${file.path}`, file.path);
  }
}

function changeOf(file: FileInput, entry: TreeEntry | undefined, executable: boolean | undefined): TreeChange {
  const { path } = file;
  if ('delete' in file) return { path, mode: undefined };
  const wanted = executable === undefined ? undefined : executable ? '100755' : '100644';
  const kept = entry?.mode === '100755' ? '100755' : '100644';
  if ('blob' in file) return { path, mode: file.mode ?? wanted ?? kept, oid: file.blob };
  return { path, mode: wanted ?? kept, content: contentOf(file) ?? new Uint8Array() };
}

function stateOf(entry: TreeEntry | undefined): FileState {
  return entry === undefined ? null : { mode: entry.mode, oid: entry.oid };
}

/** Builds what a step makes of a tree; undefined, with the reasons in `bad`, if it may not be made. */
export async function buildStep(
  scratch: Scratch,
  base: ChangeBase,
  inputs: WriteFilesInputs,
  allowlist: Allowlist,
  bad: Problems,
): Promise<StepChange | undefined> {
  const { files } = inputs;
  const paths = files.map((file) => file.path);
  const entries = await entriesAt(scratch, base.tree, [...paths, ...paths.flatMap(parentsOf)]);
  checkPaths(files, entries, allowlist, bad);
  await checkBlobs(scratch, base, files, entries, bad);
  const sizeBytes = files.reduce((sum, file) => sum + (contentOf(file)?.length ?? 0), 0);
  if (sizeBytes > maxContentBytes) {
    bad.add('repo.size', `the files hold ${sizeBytes} bytes, at most ${maxContentBytes} are taken`);
  }
  if (bad.any) return undefined;
  const changes = files.map((file) => changeOf(file, entries.get(file.path), inputs.executable));
  const tree = await writeTree(scratch, base.tree, changes);
  if (tree === base.tree) {
    bad.add('repo.changes_something', 'the files are already as they shall be');
    return undefined;
  }
  const after = await entriesAt(scratch, tree, paths);
  const touched = paths.map((path) => ({ path, was: stateOf(entries.get(path)), now: stateOf(after.get(path)) }));
  return { from: base.tree, to: tree, files: touched };
}

import type { FileInput, WriteFilesInputs } from '../change-inputs.ts';
import { blobsOnceAt } from '../client/history.ts';
import type { Scratch } from '../client/scratch.ts';
import { entriesAt, type TreeChange, type TreeEntry } from '../client/tree.ts';
import type { Allowlist } from '../paths/allowlist.ts';
import { parentsOf } from '../paths/repo-path.ts';
import type { Problems } from './checks.ts';
import { checkNames, checkPlaces, type PathUse } from './path-checks.ts';
import type { ChangeBase, Wanted } from './wanted.ts';
import { maxContentBytes } from './wanted.ts';

function contentOf(file: FileInput): Uint8Array | undefined {
  if ('content' in file) return Buffer.from(file.content, 'utf8');
  if ('content_base64' in file) return Buffer.from(file.content_base64, 'base64');
  return undefined;
}

function checkFiles(files: readonly FileInput[], entries: Map<string, TreeEntry>, bad: Problems): void {
  const named = new Set<string>();
  for (const file of files) {
    const { path } = file;
    if (named.has(path)) bad.add('repo.no_path_conflict', `${path} is named twice`, path);
    named.add(path);
    if ('delete' in file && !entries.has(path)) bad.add('repo.paths_exist', `${path} does not exist`, path);
  }
  const sizeBytes = files.reduce((sum, file) => sum + (contentOf(file)?.length ?? 0), 0);
  if (sizeBytes > maxContentBytes) {
    bad.add('repo.size', `the files hold ${sizeBytes} bytes, at most ${maxContentBytes} are taken`);
  }
}

/** A blob of another path could show what the allowlist hides. */
async function checkBlobs(
  scratch: Scratch,
  base: ChangeBase,
  files: readonly FileInput[],
  entries: Map<string, TreeEntry>,
  bad: Problems,
): Promise<void> {
  const wanted = files.flatMap((file) =>
    'blob' in file && entries.get(file.path)?.oid !== file.blob ? [{ path: file.path, oid: file.blob }] : [],
  );
  const known = await blobsOnceAt(scratch, base.commit, wanted);
  for (const each of wanted) {
    if (!known.has(each)) bad.add('repo.blob_known', `${each.oid} was never the content of ${each.path}`, each.path);
  }
}

function treeChange(file: FileInput, entry: TreeEntry | undefined, executable: boolean | undefined): TreeChange {
  const { path } = file;
  if ('delete' in file) return { path, mode: undefined };
  const wanted = executable === undefined ? undefined : executable ? '100755' : '100644';
  const kept = entry?.mode === '100755' ? '100755' : '100644';
  if ('blob' in file) return { path, mode: file.mode ?? wanted ?? kept, oid: file.blob };
  return { path, mode: wanted ?? kept, content: contentOf(file) ?? new Uint8Array() };
}

/** What `repo.write_files` makes of a tree. */
export async function writtenFiles(
  scratch: Scratch,
  base: ChangeBase,
  inputs: WriteFilesInputs,
  allowlist: Allowlist,
  bad: Problems,
): Promise<Wanted | undefined> {
  const { files } = inputs;
  const uses = files.map(
    (file): PathUse => ({ path: file.path, use: 'delete' in file ? 'delete' : 'write', mode: undefined }),
  );
  checkNames(uses, allowlist, bad);
  const entries = await entriesAt(
    scratch,
    base.tree,
    uses.flatMap(({ path }) => [path, ...parentsOf(path)]),
  );
  checkPlaces(uses, entries, bad);
  checkFiles(files, entries, bad);
  await checkBlobs(scratch, base, files, entries, bad);
  if (bad.any) return undefined;
  const changes = files.map((file) => treeChange(file, entries.get(file.path), inputs.executable));
  return { changes, entries, message: inputs.message };
}

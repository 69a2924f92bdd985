import type { ApplyPatchInputs } from '../change-inputs.ts';
import { applyPatch, type MovedHunk, type PatchFailure } from '../client/apply-patch.ts';
import { objectFacts } from '../client/blobs.ts';
import type { Scratch } from '../client/scratch.ts';
import { entriesAt, type TreeEntry } from '../client/tree.ts';
import { parsePatch } from '../patch/parse-patch.ts';
import type { ParsedPatch, PatchFile } from '../patch/patch.ts';
import { renderPatch } from '../patch/render-patch.ts';
import type { Allowlist } from '../paths/allowlist.ts';
import { parentsOf } from '../paths/repo-path.ts';
import type { Problems } from './checks.ts';
import { checkNames, checkPlaces, type PathUse } from './path-checks.ts';
import { type ChangeBase, maxContentBytes, type Wanted } from './wanted.ts';

const maxFiles = 5000;

/** Reads the patch of a step. */
export function patchOf(inputs: ApplyPatchInputs): ParsedPatch {
  const { patch, patch_base64: encoded } = inputs;
  return parsePatch(Buffer.from(patch ?? encoded ?? '', patch === undefined ? 'base64' : 'utf8'));
}

/** The paths of a patch and what happens at them. */
export function usesOf(files: readonly PatchFile[]): PathUse[] {
  return files.flatMap(({ kind, oldPath, newPath, oldMode, newMode }): PathUse[] => {
    const from = { path: oldPath ?? '', mode: oldMode };
    const to = { path: newPath ?? '', mode: newMode };
    if (kind === 'delete') return [{ ...from, use: 'delete' }];
    if (kind === 'rename')
      return [
        { ...from, use: 'delete' },
        { ...to, use: 'write' },
      ];
    if (kind === 'copy')
      return [
        { ...from, use: 'read' },
        { ...to, use: 'write' },
      ];
    return [{ ...to, use: 'write' }];
  });
}

function checkThere(files: readonly PatchFile[], entries: Map<string, TreeEntry>, bad: Problems): void {
  const moved = new Set(files.flatMap(({ newPath, oldPath }) => (newPath === oldPath ? [] : [oldPath])));
  for (const { oldPath, newPath } of files) {
    if (oldPath !== null && !entries.has(oldPath)) bad.add('repo.patch_applies', `${oldPath} does not exist`, oldPath);
    const there = newPath !== null && newPath !== oldPath && entries.get(newPath)?.type === 'blob';
    if (there && !moved.has(newPath)) bad.add('repo.patch_applies', `${newPath} exists already`, newPath);
  }
}

/** Names file and hunk of everything git could not apply. */
function tellFailures(files: readonly PatchFile[], failures: readonly PatchFailure[], bad: Problems): void {
  for (const { path, oldStart, why } of failures) {
    const file = files.find((each) => each.oldPath === path || each.newPath === path);
    const hunks = file?.hunks ?? [];
    const index = hunks.findIndex((hunk) => hunk.oldStart === oldStart);
    const hunk =
      index === -1 || oldStart === undefined ? '' : ` hunk ${index + 1} of ${hunks.length} (line ${oldStart})`;
    const reason = hunk === '' ? ` ${why}` : ' does not apply: the file has other lines there';
    bad.add('repo.patch_applies', `${path}:${hunk}${reason}`, path, oldStart === 0 ? undefined : oldStart);
  }
  if (failures.length === 0) bad.add('repo.patch_applies', 'git cannot apply the patch');
}

function tellMoved(files: readonly PatchFile[], moved: readonly MovedHunk[], bad: Problems): void {
  for (const { file, hunk, lines } of moved) {
    const path = files[file]?.newPath ?? files[file]?.oldPath ?? '';
    const where = `${Math.abs(lines)} line${Math.abs(lines) === 1 ? '' : 's'} ${lines < 0 ? 'further up' : 'further down'}`;
    bad.warn('repo.patch_applies', `${path}: hunk ${hunk} applies ${where} than it says`, path);
  }
}

/** A file's content is read whole to be patched. */
async function checkSizes(scratch: Scratch, entries: readonly TreeEntry[], bad: Problems): Promise<void> {
  const facts = await objectFacts(
    scratch,
    entries.map(({ oid }) => oid),
  );
  const sizeBytes = [...facts.values()].reduce((sum, each) => sum + each.sizeBytes, 0);
  const maxBytes = 16 * maxContentBytes;
  if (sizeBytes > maxBytes)
    bad.add('repo.size', `the patched files hold ${sizeBytes} bytes, at most ${maxBytes} are taken`);
}

/** What `repo.apply_patch` makes of a tree. */
export async function patchedFiles(
  scratch: Scratch,
  base: ChangeBase,
  inputs: ApplyPatchInputs,
  allowlist: Allowlist,
  bad: Problems,
): Promise<Wanted | undefined> {
  const parsed = patchOf(inputs);
  if (!parsed.ok)
    bad.add('repo.patch_readable', `line ${parsed.line} of the patch: ${parsed.problem}`, undefined, parsed.line);
  const files = parsed.ok ? parsed.files : [];
  if (files.length > maxFiles)
    bad.add('repo.size', `the patch has ${files.length} files, at most ${maxFiles} are taken`);
  const uses = usesOf(files);
  checkNames(uses, allowlist, bad);
  // What a forbidden path holds must not show in whether a patch of it applies.
  if (bad.any) return undefined;
  const entries = await entriesAt(
    scratch,
    base.tree,
    uses.flatMap(({ path }) => [path, ...parentsOf(path)]),
  );
  checkPlaces(uses, entries, bad);
  checkThere(files, entries, bad);
  const named = [...new Set(uses.map(({ path }) => path))].sort();
  const sources = named.flatMap((path) => entries.get(path) ?? []).filter(({ type }) => type === 'blob');
  if (!bad.any) await checkSizes(scratch, sources, bad);
  if (bad.any) return undefined;
  const answer = await applyPatch(scratch, renderPatch(files), sources);
  if (!answer.applied) {
    tellFailures(files, answer.failures, bad);
    return undefined;
  }
  tellMoved(files, answer.moved, bad);
  return { changes: answer.changes, entries, message: inputs.message };
}

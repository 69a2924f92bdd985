import { parseBinary } from './parse-binary.ts';
import { type GitHeader, namesOf, parseGitHeader } from './parse-header.ts';
import { parseHunks } from './parse-hunks.ts';
import type { ParsedPatch, PatchFile, PatchKind } from './patch.ts';
import { PatchLines, PatchProblem } from './patch-lines.ts';

/** What a plain patch, which says no modes, means. */
const plainMode = '100644';

function kindOf(header: GitHeader, names: { oldPath: string | null; newPath: string | null }): PatchKind {
  if (header.renames) return 'rename';
  if (header.copies) return 'copy';
  if (header.creates || names.oldPath === null) return 'create';
  if (header.deletes || names.newPath === null) return 'delete';
  return 'modify';
}

/** A file's whole content stands in one hunk where the other side has none. */
function checkWhole(lines: PatchLines, file: PatchFile): void {
  const [hunk, ...others] = file.hunks;
  if (hunk === undefined) return;
  const nothing = file.kind === 'create' ? hunk.oldLines : file.kind === 'delete' ? hunk.newLines : 0;
  const whole = file.kind === 'create' || file.kind === 'delete';
  if (nothing > 0 || (whole && others.length > 0)) {
    throw lines.problem(`a patch that ${file.kind}s a file has its whole content in one hunk and nothing else`, 1);
  }
}

function checkChanges(lines: PatchLines, file: PatchFile): void {
  const changes = file.kind !== 'modify' || file.hunks.length > 0 || file.binary !== undefined;
  if (!changes && file.oldMode === file.newMode) {
    throw lines.problem(`the patch says nothing about ${file.newPath}`, 1);
  }
}

function parseFile(lines: PatchLines): PatchFile {
  const header = parseGitHeader(lines);
  const binary = lines.peek() === 'GIT binary patch';
  if (binary) lines.take();
  if (/^Binary files .* differ$|^Files .* differ$/.test(lines.peek() ?? '')) {
    throw lines.problem('the content of the binary file is not in the patch: make it with `git diff --binary`');
  }
  const names = namesOf(lines, header);
  const kind = kindOf(header, names);
  // Without a line that says so, `/dev/null` alone makes it a new or a deleted file: then it has one mode.
  if ((kind === 'create' && header.oldMode !== undefined) || (kind === 'delete' && header.newMode !== undefined)) {
    throw lines.problem('"old mode" and "new mode" belong together, on a file that stays', 1);
  }
  if (binary && (header.oldOid === undefined || header.newOid === undefined)) {
    throw lines.problem('a binary patch needs a full index line: make it with `git diff --binary`', 1);
  }
  const content = binary
    ? { hunks: [], binary: { oldOid: header.oldOid ?? '', newOid: header.newOid ?? '', ...parseBinary(lines) } }
    : { hunks: parseHunks(lines), binary: undefined };
  const oldMode = kind === 'delete' ? (header.oldMode ?? plainMode) : header.oldMode;
  const newMode = kind === 'create' ? (header.newMode ?? plainMode) : header.newMode;
  const path = { oldPath: kind === 'create' ? null : names.oldPath, newPath: kind === 'delete' ? null : names.newPath };
  const file = { kind, ...path, oldMode, newMode, ...content };
  checkWhole(lines, file);
  checkChanges(lines, file);
  return file;
}

/** No path is taken away twice or made twice; a copy only looks at its source. */
class PathsSoFar {
  readonly #made = new Set<string>();
  readonly #taken = new Set<string>();

  add(lines: PatchLines, { kind, oldPath, newPath }: PatchFile): void {
    const takes = kind === 'copy' ? null : oldPath;
    const twice = (newPath !== null && this.#made.has(newPath)) || (takes !== null && this.#taken.has(takes));
    if (twice) throw lines.problem(`${newPath ?? oldPath} is changed twice`, 1);
    if (newPath !== null) this.#made.add(newPath);
    if (takes !== null) this.#taken.add(takes);
  }
}

function begins(lines: PatchLines): boolean {
  const line = lines.peek() ?? '';
  if (/^diff --(?:cc|combined) |^@@@/.test(line)) throw lines.problem('patches of merges cannot be applied');
  if (line.startsWith('diff --git ')) return true;
  if (line.startsWith('@@ -')) throw lines.problem('the hunk stands before any file');
  return line.startsWith('--- ') && lines.peek(1)?.startsWith('+++ ') === true;
}

/**
 * Parses a unified diff, with git's extended headers (new, deleted, renamed and copied files, modes, binary content) or
 * plain. Text around the files, as of a mail, is passed over. Pure; never throws for any input.
 */
export function parsePatch(bytes: Uint8Array): ParsedPatch {
  const lines = new PatchLines(bytes);
  const files: PatchFile[] = [];
  const paths = new PathsSoFar();
  try {
    while (lines.peek() !== undefined) {
      if (!begins(lines)) {
        lines.take();
        continue;
      }
      const file = parseFile(lines);
      paths.add(lines, file);
      files.push(file);
    }
    if (files.length === 0) throw lines.problem('there is no file in the patch');
    return { ok: true, files };
  } catch (error) {
    if (error instanceof PatchProblem) return { ok: false, line: error.line, problem: error.message };
    throw error;
  }
}

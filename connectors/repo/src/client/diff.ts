import { refused } from '../errors.ts';
import type { Scratch } from './scratch.ts';

/** One changed file and its exact git patch. */
export interface FilePatch {
  readonly path: string;
  readonly status: string;
  readonly patch: string;
}

/** One changed path of two trees. */
export interface ChangedPath {
  readonly path: string;
  /** `A`, `D`, `M` or `T`. */
  readonly status: string;
}

/**
 * No renames: git guesses them, by rules that change with its version and its limits; a patch may tell of two paths, of which
 * one may not be allowed; and patches of one source in several places apply only in one order.
 */
const plain = ['--no-renames', '--no-textconv', '--no-ext-diff', '--no-color', '--ignore-submodules=none'];
const header = Buffer.from('diff --git ');
const newline = 0x0a;

/** The changed paths of two trees in git's order. */
export async function changedPaths(scratch: Scratch, from: string, to: string): Promise<ChangedPath[]> {
  const { text } = await scratch.git({
    what: 'compare the trees',
    args: ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', ...plain, from, to],
  });
  const fields = text.split('\0');
  const changed: ChangedPath[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const status = fields[index]?.split(' ').at(-1) ?? '';
    changed.push({ path: fields[index + 1] ?? '', status: status.charAt(0) });
  }
  return changed;
}

/** The patch of two trees as bytes, cut at `maxBytes`. */
export async function patchBytes(
  scratch: Scratch,
  from: string,
  to: string,
  options: { paths: readonly string[]; maxBytes: number },
): Promise<{ bytes: Uint8Array; truncated: boolean }> {
  const { stdout, truncated } = await scratch.git({
    what: 'write the patch',
    args: ['diff-tree', '-r', '-p', '--full-index', '--binary', ...plain, from, to, '--', ...options.paths],
    maxBytes: options.maxBytes,
    mayTruncate: true,
  });
  return { bytes: stdout, truncated };
}

/** Splits a patch where a file begins. Every other line of a patch begins with another text. */
function splitPatch(bytes: Uint8Array): Buffer[] {
  const patch = Buffer.from(bytes);
  const starts: number[] = [];
  for (let at = patch.indexOf(header); at !== -1; at = patch.indexOf(header, at + 1)) {
    if (at === 0 || patch[at - 1] === newline) starts.push(at);
  }
  return starts.map((start, index) => patch.subarray(start, starts[index + 1] ?? patch.length));
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The patches of two trees, one a file; undefined if they hold more than `maxBytes`. */
export async function filePatches(
  scratch: Scratch,
  from: string,
  to: string,
  maxBytes: number,
): Promise<FilePatch[] | undefined> {
  const changed = await changedPaths(scratch, from, to);
  if (changed.length === 0) return [];
  const options = { paths: [], maxBytes };
  const text = await patchBytes(scratch, from, to, options);
  if (text.truncated) return undefined;
  const parts = splitPatch(text.bytes);
  if (parts.length !== changed.length) throw refused('git shows another number of patches than of changed files');
  const patches = parts.map(utf8);
  if (patches.includes(undefined)) {
    // Text in another encoding has no exact form in JSON: git's binary patch has.
    await scratch.setAttributes('* -diff\n');
    const binary = await patchBytes(scratch, from, to, options);
    await scratch.setAttributes('');
    if (binary.truncated) return undefined;
    for (const [index, part] of splitPatch(binary.bytes).entries()) patches[index] ??= utf8(part);
  }
  return changed.map((each, index) => ({ ...each, patch: patches[index] ?? '' }));
}

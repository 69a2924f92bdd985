import { refused } from '../errors.ts';
import type { Scratch } from './scratch.ts';

/** One changed path of two trees. */
export interface ChangedPath {
  readonly path: string;
  /** Whether `path` is the name itself: false where the name is not UTF-8 and stands with replacement characters. */
  readonly exact: boolean;
  /** `A`, `D`, `M` or `T`. */
  readonly status: string;
  /** Mode and object after the change; of a deletion those before. */
  readonly mode: string;
  readonly oid: string;
  /** Object before the change; of an addition the same as `oid`. */
  readonly oldOid: string;
}

/**
 * No renames: git guesses them, by rules that change with its version and its limits; a patch may tell of two paths, of which
 * one may not be allowed; and patches of one source in several places apply only in one order.
 */
const plain = ['--no-renames', '--no-textconv', '--no-ext-diff', '--no-color', '--ignore-submodules=none'];
const header = Buffer.from('diff --git ');
const newline = 0x0a;

/** The text of bytes; undefined if they are not UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A name as git gives it, and whether the text says it whole. */
export function nameOf(bytes: Uint8Array): { path: string; exact: boolean } {
  const exact = utf8(bytes);
  return { path: exact ?? Buffer.from(bytes).toString('utf8'), exact: exact !== undefined };
}

function changedPath(facts: string, name: Buffer): ChangedPath {
  const [oldMode = '', newMode = '', oldOid = '', newOid = '', status = ''] = facts.slice(1).split(' ');
  const letter = status.charAt(0);
  const [mode, oid] = letter === 'D' ? [oldMode, oldOid] : [newMode, newOid];
  return { ...nameOf(name), status: letter, mode, oid, oldOid: letter === 'A' ? newOid : oldOid };
}

/** The changed paths of two trees in git's order. */
export async function changedPaths(
  scratch: Scratch,
  from: string,
  to: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChangedPath[]> {
  const { stdout } = await scratch.git({
    what: 'compare the trees',
    args: ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', ...plain, from, to],
    env,
  });
  const fields = Buffer.from(stdout).toString('latin1').split('\0');
  const changed: ChangedPath[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    changed.push(changedPath(fields[index] ?? '', Buffer.from(fields[index + 1] ?? '', 'latin1')));
  }
  return changed;
}

/** How much of a patch is wanted. */
export interface PatchOptions {
  /** Only these paths; all if empty. */
  readonly paths: readonly string[];
  readonly maxBytes: number;
  /** Whether binary content stands in the patch, or only that it differs. */
  readonly binary: boolean;
}

/** The patch of two trees as bytes, cut at `maxBytes`. */
export async function patchBytes(
  scratch: Scratch,
  from: string,
  to: string,
  { paths, maxBytes, binary }: PatchOptions,
): Promise<{ bytes: Uint8Array; truncated: boolean }> {
  const content = binary ? ['--binary'] : [];
  const { stdout, truncated } = await scratch.git({
    what: 'write the patch',
    args: ['diff-tree', '-r', '-p', '--full-index', ...content, ...plain, from, to, '--', ...paths],
    maxBytes,
    mayTruncate: true,
  });
  return { bytes: stdout, truncated };
}

/** Splits a patch where a file begins. Every other line of a patch begins with another text. */
function splitPatch(bytes: Uint8Array): Buffer[] {
  const patch = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  for (let at = patch.indexOf(header); at !== -1; at = patch.indexOf(header, at + 1)) {
    if (at === 0 || patch[at - 1] === newline) starts.push(at);
  }
  return starts.map((start, index) => patch.subarray(start, starts[index + 1] ?? patch.length));
}

/** The patches of paths of two trees, one a path in their order; undefined if they hold more than `maxBytes`. */
export async function patchesOf(
  scratch: Scratch,
  trees: readonly [from: string, to: string],
  paths: readonly ChangedPath[],
  options: Omit<PatchOptions, 'paths'> & { readonly all: boolean },
): Promise<Buffer[] | undefined> {
  if (paths.length === 0) return [];
  const named = options.all ? [] : paths.map(({ path }) => path);
  const { bytes, truncated } = await patchBytes(scratch, ...trees, { ...options, paths: named });
  if (truncated) return undefined;
  const parts = splitPatch(bytes);
  if (parts.length !== paths.length) throw refused('git shows another number of patches than of changed files');
  return parts;
}

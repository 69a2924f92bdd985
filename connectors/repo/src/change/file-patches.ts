import { type ObjectFacts, objectFacts } from '../client/blobs.ts';
import { type ChangedPath, patchesOf, utf8 } from '../client/diff.ts';
import type { Scratch } from '../client/scratch.ts';
import type { StepChange } from './step-change.ts';

/** One changed file and its patch. */
export interface FilePatch {
  readonly changed: ChangedPath;
  readonly patch: string;
  /** Whether git takes the content for binary, or it is text that JSON cannot hold. */
  readonly binary: boolean;
}

/** Binary content up to this size, both sides together, stands in the patch itself. */
const maxBinaryBytes = 256 * 1024;

function sidesBytes({ oid, oldOid }: ChangedPath, facts: Map<string, ObjectFacts>): number {
  return [...new Set([oid, oldOid])].reduce((sum, each) => sum + (facts.get(each)?.sizeBytes ?? 0), 0);
}

function isBinary(patch: Buffer): boolean {
  // Content follows the first hunk only: above it stands git's own header.
  const hunk = patch.indexOf('\n@@ ');
  const head = patch.subarray(0, hunk === -1 ? patch.length : hunk).toString('latin1');
  return /^(?:Binary files .* differ|GIT binary patch)$/m.test(head) || utf8(patch) === undefined;
}

/** What a patch says of binary content that is too large to stand in it: git's header with the full object ids. */
function withoutContent(patch: Buffer): string {
  const hunk = patch.indexOf('\n--- ');
  const head = hunk === -1 || /^Binary files /m.test(patch.toString('latin1')) ? patch : patch.subarray(0, hunk + 1);
  const text = utf8(head) ?? '';
  return /^Binary files /m.test(text) ? text : `${text}Binary files differ\n`;
}

async function binaryPatches(
  scratch: Scratch,
  trees: readonly [string, string],
  paths: readonly ChangedPath[],
  maxBytes: number,
): Promise<Buffer[] | undefined> {
  // Text in another encoding is text to git.
  await scratch.setAttributes('* -diff\n');
  try {
    return await patchesOf(scratch, trees, paths, { all: false, binary: true, maxBytes });
  } finally {
    await scratch.setAttributes('');
  }
}

/**
 * The patches of two trees, one a file; undefined if they hold more than `maxBytes`. Text stands whole. Binary content,
 * and text in another encoding, for which JSON has no exact form, stands as git's binary patch if it is small, else as
 * the object ids it goes from and to.
 */
export async function filePatches(
  scratch: Scratch,
  { from, to, changed }: Pick<StepChange, 'from' | 'to' | 'changed'>,
  maxBytes: number,
): Promise<FilePatch[] | undefined> {
  const trees = [from, to] as const;
  const parts = await patchesOf(scratch, trees, changed, { all: true, binary: false, maxBytes });
  if (parts === undefined) return undefined;
  const binary = changed.filter((_each, index) => isBinary(parts[index] ?? Buffer.alloc(0)));
  const facts = await objectFacts(
    scratch,
    binary.flatMap(({ oid, oldOid }) => [oid, oldOid]),
  );
  const small = binary.filter((each) => sidesBytes(each, facts) <= maxBinaryBytes);
  const contents = small.length === 0 ? [] : await binaryPatches(scratch, trees, small, maxBytes);
  if (contents === undefined) return undefined;
  const patches = new Map(small.map((each, index) => [each.path, utf8(contents[index] ?? Buffer.alloc(0)) ?? '']));
  return changed.map((each, index) => {
    const part = parts[index] ?? Buffer.alloc(0);
    const shown = binary.includes(each);
    const patch = shown ? (patches.get(each.path) ?? withoutContent(part)) : (utf8(part) ?? '');
    return { changed: each, patch, binary: shown };
  });
}

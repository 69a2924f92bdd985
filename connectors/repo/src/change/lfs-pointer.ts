import { objectFacts, readBlobs } from '../client/blobs.ts';
import type { ChangedPath } from '../client/diff.ts';
import type { Scratch } from '../client/scratch.ts';
import type { Problems } from './checks.ts';

/** A pointer is small: git-lfs reads no more than this to know one. */
const maxPointerBytes = 1024;

/** What a Git LFS pointer stands for. */
export interface LfsPointer {
  readonly oid: string;
  readonly sizeBytes: number;
}

/** Reads a file's content as a Git LFS pointer; undefined if it is none. */
export function lfsPointerOf(content: Uint8Array): LfsPointer | undefined {
  if (content.length > maxPointerBytes) return undefined;
  const text = Buffer.from(content).toString('utf8');
  if (!text.startsWith('version https://git-lfs.github.com/spec/v1\n')) return undefined;
  const oid = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  return oid === undefined || size === undefined ? undefined : { oid, sizeBytes: Number(size) };
}

/** Which of the blobs are pointers. */
export async function pointersAmong(scratch: Scratch, oids: readonly string[]): Promise<Map<string, LfsPointer>> {
  const facts = await objectFacts(scratch, oids);
  const small = oids.filter((oid) => {
    const each = facts.get(oid);
    return each?.type === 'blob' && each.sizeBytes <= maxPointerBytes;
  });
  const found = new Map<string, LfsPointer>();
  for (const [oid, content] of await readBlobs(scratch, small)) {
    const pointer = lfsPointerOf(content);
    if (pointer !== undefined) found.set(oid, pointer);
  }
  return found;
}

/** Warns where a file that was a pointer becomes the content itself. */
export function warnOfPointers(
  changed: readonly ChangedPath[],
  pointers: ReadonlyMap<string, LfsPointer>,
  bad: Problems,
): void {
  for (const { path, status, oid, oldOid } of changed) {
    if (status === 'M' && pointers.has(oldOid) && !pointers.has(oid)) {
      bad.warn('repo.lfs_pointer', `${path} is a Git LFS pointer and would become content in git itself`, path);
    }
  }
}

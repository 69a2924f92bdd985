import { createHash } from 'node:crypto';
import type { Diff } from '@countersign/protocol';
import { objectFacts, readBlobs } from '../client/blobs.ts';
import type { Scratch } from '../client/scratch.ts';
import type { Problems } from './checks.ts';
import { type FilePatch, filePatches } from './file-patches.ts';
import { type LfsPointer, pointersAmong, warnOfPointers } from './lfs-pointer.ts';
import type { StepChange } from './step-change.ts';

const maxPatchBytes = 16 * 1024 * 1024;
/** Binary content beyond this is known by git's own id alone. */
const maxHashedBytes = 128 * 1024 * 1024;

/** Counts the lines of a patch's hunks; a hunk's lines are the only ones after its `@@`. */
function counts(patch: string): string {
  let [added, removed, inHunk] = [0, 0, false];
  for (let at = 0; at < patch.length; ) {
    const end = patch.indexOf('\n', at);
    const sign = patch.charCodeAt(at);
    if (!inHunk && patch.startsWith('@@ ', at)) inHunk = true;
    else if (inHunk && sign === 0x2b) added += 1;
    else if (inHunk && sign === 0x2d) removed += 1;
    if (end === -1) break;
    at = end + 1;
  }
  return `+${added} -${removed}`;
}

/** Size and hash of every binary content of a change. */
async function contentFacts(scratch: Scratch, files: readonly FilePatch[]): Promise<Map<string, string>> {
  const oids = [
    ...new Set(files.filter(({ binary }) => binary).flatMap(({ changed }) => [changed.oid, changed.oldOid])),
  ];
  const facts = await objectFacts(scratch, oids);
  const total = [...facts.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const contents = total > maxHashedBytes ? new Map<string, Buffer>() : await readBlobs(scratch, [...facts.keys()]);
  const texts = [...facts].map(([oid, { sizeBytes }]): [string, string] => {
    const content = contents.get(oid);
    const hash = content === undefined ? `git ${oid}` : `sha256 ${createHash('sha256').update(content).digest('hex')}`;
    return [oid, `${sizeBytes} bytes ${hash}`];
  });
  return new Map(texts);
}

function binaryText({ changed }: FilePatch, facts: Map<string, string>): string {
  const [was, now] = [facts.get(changed.oldOid), facts.get(changed.oid)];
  if (changed.oid === changed.oldOid || was === undefined) return `binary, ${now}`;
  return `binary, ${was} to ${now}`;
}

/** One line about a file's patch, such as `+3 -1` or `deleted, binary, 12 bytes sha256 …`. */
function summaryOf(file: FilePatch, facts: Map<string, string>, pointers: Map<string, LfsPointer>): string {
  const { changed, patch, binary } = file;
  const modes = /^old mode (\d+)\nnew mode (\d+)$/m.exec(patch.slice(0, 8192));
  const what: Record<string, string> = { A: 'new', D: 'deleted' };
  const pointer = pointers.get(changed.oid);
  const parts = [
    what[changed.status],
    modes === null ? undefined : `mode ${modes[1]} to ${modes[2]}`,
    pointer === undefined ? undefined : `Git LFS pointer to ${pointer.sizeBytes} bytes`,
    binary ? binaryText(file, facts) : counts(patch),
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** The exact patches of one step, one a file. */
export async function diffsOf(scratch: Scratch, step: number, change: StepChange, bad: Problems): Promise<Diff[]> {
  const patches = await filePatches(scratch, change, maxPatchBytes);
  if (patches === undefined) {
    bad.add('repo.size', `the patch of step ${step} is larger than ${maxPatchBytes} bytes`);
    return [];
  }
  const facts = await contentFacts(scratch, patches);
  const pointers = await pointersAmong(
    scratch,
    change.changed.flatMap(({ oid, oldOid }) => [oid, oldOid]),
  );
  warnOfPointers(change.changed, pointers, bad);
  return patches.map((file) => ({
    step,
    path: file.changed.path,
    summary: summaryOf(file, facts, pointers),
    patch: file.patch,
  }));
}

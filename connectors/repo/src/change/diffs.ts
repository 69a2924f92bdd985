import type { Diff } from '@countersign/protocol';
import { type FilePatch, filePatches } from '../client/diff.ts';
import type { Scratch } from '../client/scratch.ts';
import type { Problems } from './checks.ts';
import type { StepChange } from './step-change.ts';

const maxPatchBytes = 8 * 1024 * 1024;

/** Counts the lines of a patch's hunks; a hunk's lines are the only ones after its `@@`. */
function counts(patch: string): { added: number; removed: number; binary: boolean } {
  const lines = patch.split('\n');
  const first = lines.findIndex((line) => line.startsWith('@@ '));
  const hunks = first === -1 ? [] : lines.slice(first);
  return {
    added: hunks.filter((line) => line.startsWith('+')).length,
    removed: hunks.filter((line) => line.startsWith('-')).length,
    binary: first === -1 && lines.includes('GIT binary patch'),
  };
}

/** One line about a file's patch, such as `+3 -1` or `deleted, binary`. */
function summaryOf(file: FilePatch): string {
  const { added, removed, binary } = counts(file.patch);
  const modes = /^old mode (\d+)\nnew mode (\d+)$/m.exec(file.patch);
  const what: Record<string, string> = { A: 'new', D: 'deleted' };
  const parts = [
    what[file.status],
    modes === null ? undefined : `mode ${modes[1]} to ${modes[2]}`,
    binary ? 'binary' : `+${added} -${removed}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** The exact patches of one step, one a file. */
export async function diffsOf(scratch: Scratch, step: number, change: StepChange, bad: Problems): Promise<Diff[]> {
  const patches = await filePatches(scratch, change.from, change.to, maxPatchBytes);
  if (patches === undefined) {
    bad.add('repo.size', `the patch of step ${step} is larger than ${maxPatchBytes} bytes`);
    return [];
  }
  return patches.map((file) => ({ step, path: file.path, summary: summaryOf(file), patch: file.patch }));
}

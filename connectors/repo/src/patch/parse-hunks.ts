import type { PatchHunk, PatchLine } from './patch.ts';
import type { PatchLines } from './patch-lines.ts';

const header = /^@@ -(\d{1,10})(?:,(\d{1,10}))? \+(\d{1,10})(?:,(\d{1,10}))? @@(.*)$/s;
const kinds: Readonly<Record<string, PatchLine['kind']>> = { ' ': 'context', '+': 'add', '-': 'remove' };

function kindOf(line: string): PatchLine['kind'] | undefined {
  // A mail program may have taken the blank of an empty context line away.
  return line === '' ? 'context' : kinds[line.charAt(0)];
}

function parseLines(lines: PatchLines, oldLines: number, newLines: number): PatchLine[] {
  let [oldLeft, newLeft] = [oldLines, newLines];
  const found: PatchLine[] = [];
  while (oldLeft > 0 || newLeft > 0) {
    const line = lines.take();
    const kind = kindOf(line);
    if (kind === undefined) throw lines.problem('the hunk has fewer lines than its header says', 1);
    if (kind !== 'add') oldLeft -= 1;
    if (kind !== 'remove') newLeft -= 1;
    if (oldLeft < 0 || newLeft < 0) throw lines.problem('the hunk has other lines than its header says', 1);
    const incomplete = lines.peek()?.startsWith('\\ ') === true;
    if (incomplete) lines.take();
    found.push({ kind, text: line.slice(1), incomplete });
  }
  return found;
}

/** No line follows the one at which its side of the file ends. */
function checkEnds(lines: PatchLines, hunk: readonly PatchLine[]): void {
  for (const side of ['add', 'remove'] as const) {
    const own = hunk.filter((line) => line.kind === 'context' || line.kind === side);
    if (own.slice(0, -1).some((line) => line.incomplete)) throw lines.problem('a line follows the end of the file', 1);
  }
}

function parseHunk(lines: PatchLines): PatchHunk {
  const found = header.exec(lines.take());
  if (found === null) throw lines.problem('the header of the hunk cannot be read', 1);
  const [, oldStart = '', oldCount = '1', newStart = '', newCount = '1', section = ''] = found;
  if (section.endsWith('\r')) throw lines.problem('the header of the hunk ends in a carriage return', 1);
  const [oldLines, newLines] = [Number(oldCount), Number(newCount)];
  const body = parseLines(lines, oldLines, newLines);
  if (body.every((line) => line.kind === 'context')) throw lines.problem('the hunk changes nothing', 1);
  checkEnds(lines, body);
  const starts = { oldStart: Number(oldStart), newStart: Number(newStart) };
  if ((starts.oldStart === 0 && oldLines > 0) || (starts.newStart === 0 && newLines > 0)) {
    throw lines.problem('the hunk begins at line 0', body.length + 1);
  }
  return { ...starts, oldLines, newLines, section, lines: body };
}

/** The hunks of one file, in order and apart from each other. */
export function parseHunks(lines: PatchLines): PatchHunk[] {
  const hunks: PatchHunk[] = [];
  let [oldEnd, newEnd] = [0, 0];
  while (lines.peek()?.startsWith('@@') === true) {
    const hunk = parseHunk(lines);
    if (hunks.length > 0 && (hunk.oldStart < oldEnd || hunk.newStart < newEnd)) {
      throw lines.problem('the hunk begins before the one above it ends', 1);
    }
    hunks.push(hunk);
    [oldEnd, newEnd] = [hunk.oldStart + hunk.oldLines, hunk.newStart + hunk.newLines];
  }
  const next = lines.peek() ?? '';
  if (hunks.length > 0 && /^[ +\\]|^-(?!- |-- )/.test(next)) {
    throw lines.problem('the line belongs to no hunk: the header of the hunk counts too few');
  }
  return hunks;
}

import { visible, visibleLine } from '@countersign/evidence';
import type { Diff } from '@countersign/protocol';
import type { Colors } from './colors.ts';

const headers = [
  'diff ',
  'index ',
  '--- ',
  '+++ ',
  'new file',
  'deleted file',
  'old mode',
  'new mode',
  'rename ',
  'similarity ',
];

function colorLine(line: string, inHunk: boolean, colors: Colors): string {
  // Inside a hunk only the first character tells: a removed line "-- x" reads "--- x" and is still a removal.
  if (!inHunk && headers.some((header) => line.startsWith(header))) return colors.bold(line);
  if (line.startsWith('@@')) return colors.cyan(line);
  if (line.startsWith('+')) return colors.green(line);
  if (line.startsWith('-')) return colors.red(line);
  return line;
}

/** Old and new lines that a hunk's header announces, so that its end is counted and never guessed. */
function hunkSize(line: string): { old: number; new: number } | null {
  const [, old, next] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? [];
  return line.startsWith('@@ -') ? { old: Number(old ?? 1), new: Number(next ?? 1) } : null;
}

/** A patch with its lines coloured; everything that could deceive the eye is written out. */
export function renderPatch(patch: string, colors: Colors): string {
  const left = { old: 0, new: 0 };
  const lines = patch.replace(/\n$/, '').split('\n');
  const shown = lines.map((line) => {
    const inHunk = left.old > 0 || left.new > 0;
    const size = inHunk ? null : hunkSize(line);
    if (size !== null) Object.assign(left, size);
    else if (inHunk && !line.startsWith('\\')) {
      if (!line.startsWith('+')) left.old -= 1;
      if (!line.startsWith('-')) left.new -= 1;
    }
    return colorLine(visible(line), inHunk, colors);
  });
  return shown.join('\n');
}

/** One diff: where, what in one line, and the exact change. */
export function renderDiff(diff: Diff, colors: Colors): string {
  const title = `${colors.bold(visibleLine(diff.path))} ${colors.dim('-')} ${visibleLine(diff.summary)}`;
  return diff.patch === '' ? title : `${title}\n${renderPatch(diff.patch, colors)}`;
}

import { unvisible, visible, visibleLine } from '@countersign/evidence';
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

const noLastNewline = '\\ (the patch ends without a newline)';

/** One line as it is shown; one that reads as the note on the end is spelled, so that the note stands for itself. */
function shownLine(line: string): string {
  const shown = visible(line);
  return shown === noLastNewline ? shown.replace('\\', '\\u{005C}') : shown;
}

/**
 * A patch with its lines coloured; everything that could deceive the eye is written out, and a missing last newline is
 * told. `patchOfShown` gives the patch back.
 */
export function renderPatch(patch: string, colors: Colors): string {
  const left = { old: 0, new: 0 };
  const ended = patch.endsWith('\n');
  const lines = (ended ? patch.slice(0, -1) : patch).split('\n');
  const shown = lines.map((line) => {
    const inHunk = left.old > 0 || left.new > 0;
    const size = inHunk ? null : hunkSize(line);
    if (size !== null) Object.assign(left, size);
    else if (inHunk && !line.startsWith('\\')) {
      if (!line.startsWith('+')) left.old -= 1;
      if (!line.startsWith('-')) left.new -= 1;
    }
    return colorLine(shownLine(line), inHunk, colors);
  });
  return [...shown, ...(ended ? [] : [colors.dim(noLastNewline)])].join('\n');
}

/** The patch that `renderPatch` was given, from what it shows without colours. */
export function patchOfShown(shown: string): string {
  const lines = shown.split('\n');
  const ended = lines.at(-1) !== noLastNewline;
  return unvisible(`${(ended ? lines : lines.slice(0, -1)).join('\n')}${ended ? '\n' : ''}`);
}

/** One diff: where, what in one line, and the exact change. */
export function renderDiff(diff: Diff, colors: Colors): string {
  const title = `${colors.bold(visibleLine(diff.path))} ${colors.dim('-')} ${visibleLine(diff.summary)}`;
  return diff.patch === '' ? title : `${title}\n${renderPatch(diff.patch, colors)}`;
}

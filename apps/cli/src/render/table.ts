import { visibleLine } from '@countersign/evidence';
import type { Colors } from './colors.ts';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** Rows under a heading, columns aligned; what comes from outside is escaped here. */
export function renderTable(heading: readonly string[], rows: readonly (readonly string[])[], colors: Colors): string {
  const cells = rows.map((row) => row.map(visibleLine));
  const widths = heading.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => displayWidth(row[column] ?? ''))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell)))
      .join('  ')
      .trimEnd();
  return [colors.bold(line(heading)), ...cells.map(line)].join('\n');
}

const contextLines = 3;
/** Above this many comparisons the changed middle is shown as one replacement: nobody reads it line by line. */
const maxComparisons = 4_000_000;

type Change = readonly [' ' | '-' | '+', string];

/** Longest common subsequence by the textbook's table, over what is left between a common head and tail. */
function middle(before: readonly string[], after: readonly string[]): Change[] {
  if (before.length * after.length > maxComparisons) {
    return [...before.map((line): Change => ['-', line]), ...after.map((line): Change => ['+', line])];
  }
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const equal = before[i] === after[j];
      const down = lengths[(i + 1) * width + j] ?? 0;
      const right = lengths[i * width + j + 1] ?? 0;
      lengths[i * width + j] = equal ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(down, right);
    }
  }
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [left, right] = [before[i], after[j]];
    if (left !== undefined && left === right) {
      changes.push([' ', left]);
      i += 1;
      j += 1;
    } else if (
      left !== undefined &&
      (right === undefined || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))
    ) {
      changes.push(['-', left]);
      i += 1;
    } else if (right !== undefined) {
      changes.push(['+', right]);
      j += 1;
    }
  }
  return changes;
}

function changesOf(before: readonly string[], after: readonly string[]): Change[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail))
    tail += 1;
  const same = (line: string): Change => [' ', line];
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** How many lines of each side a run of changes holds. */
function count(changes: readonly Change[], side: '-' | '+'): number {
  return changes.filter(([mark]) => mark === ' ' || mark === side).length;
}

/** Unified diff of two texts of lines, with three lines of context; the empty text where they are equal. */
export function lineDiff(path: string, before: string, after: string): string {
  const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
  const changes = changesOf(linesOf(before), linesOf(after));
  const changed = changes.flatMap(([mark], index) => (mark === ' ' ? [] : [index]));
  const hunks: { from: number; to: number }[] = [];
  for (const index of changed) {
    const [from, to] = [Math.max(0, index - contextLines), Math.min(changes.length, index + contextLines + 1)];
    const last = hunks.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  if (hunks.length === 0) return '';
  const shown = hunks.flatMap(({ from, to }) => {
    const hunk = changes.slice(from, to);
    const start = (side: '-' | '+'): number => count(changes.slice(0, from), side) + (count(hunk, side) === 0 ? 0 : 1);
    const range = (side: '-' | '+'): string => `${side}${start(side)},${count(hunk, side)}`;
    return [`@@ ${range('-')} ${range('+')} @@`, ...hunk.map(([mark, line]) => `${mark}${line}`)];
  });
  return `${[`--- ${path}`, `+++ ${path}`, ...shown].join('\n')}\n`;
}

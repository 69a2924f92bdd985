/** A container's script that writes numbered lines at a steady rate. */
export interface Flood {
  readonly seconds: number;
  readonly linesPerSecond: number;
  /** What stands behind each number; without it a line is its number alone. */
  readonly padding?: string;
}

const ticksPerSecond = 10;

/** A tenth of a second's lines at a time; one that comes late goes on at once, so that the rate holds on average. */
export function floodScript({ seconds, linesPerSecond, padding }: Flood): string {
  const each = linesPerSecond / ticksPerSecond;
  const write = padding === undefined ? '' : ` | sed 's/$/ ${padding}/'`;
  return [
    `now() { at=$(cut -d ' ' -f 1 /proc/uptime | tr -d .); }`,
    'now; began=$at; n=0',
    `while [ $n -lt ${seconds * ticksPerSecond} ]; do`,
    `seq $((n * ${each} + 1)) $(((n + 1) * ${each}))${write}; n=$((n + 1)); now`,
    'left=$((began + n * 10 - at)); [ $left -gt 0 ] && sleep 0.$(printf %02d $left)',
    'done',
  ].join('\n');
}

/** All that the script writes. */
export function floodText({ seconds, linesPerSecond, padding }: Flood): string {
  const after = padding === undefined ? '\n' : ` ${padding}\n`;
  let text = '';
  for (let line = 1; line <= seconds * linesPerSecond; line += 1) text += `${line}${after}`;
  return text;
}

/** The first line that is not as wanted, with what stands in its place; null where all are. */
export function firstDifference(text: string, wanted: string): string | null {
  if (text === wanted) return null;
  const [is, should] = [text.split('\n'), wanted.split('\n')];
  const at = should.findIndex((line, index) => is[index] !== line);
  const index = at === -1 ? should.length : at;
  return `line ${index + 1} of ${is.length} (${should.length} wanted) is ${is[index]}, not ${should[index]}`;
}

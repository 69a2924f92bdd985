/** A time as people and machines read it: `2026-11-21 00:17:53Z`; a dash for none. */
export function renderTime(at: number | null): string {
  return at === null
    ? '-'
    : new Date(at)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z');
}

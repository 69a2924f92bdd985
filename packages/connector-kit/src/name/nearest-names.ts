/** Levenshtein distance: insertions, deletions and substitutions from one text to the other. */
export function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

/** Up to three names that the wanted one may have meant, nearest first, then by name. */
export function nearestNames(wanted: string, names: readonly string[]): string[] {
  const lower = wanted.toLowerCase();
  const farthest = Math.max(2, Math.floor(wanted.length / 2));
  return names
    .map((name) => ({
      name,
      distance: name.toLowerCase().includes(lower) ? 0 : editDistance(lower, name.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= farthest)
    .sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Letters to change, add, drop or swap with a neighbour to get from one word to the other (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let cost = Math.min((above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1, (above[column - 1] ?? 0) + same);
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      line.push(cost);
    }
    before = above;
    above = line;
  }
  return above[to.length] ?? 0;
}

/** The known words of which one was begun and left off where a part of it ends: `docker.restart` of `docker.restart_container`. */
function begun(word: string, known: readonly string[]): string[] {
  return known.filter((each) => each.startsWith(word) && /^[._-]/.test(each.slice(word.length)));
}

/** The known word that was most likely meant, or null when none is close (more than half its letters differ). */
export function nearest(word: string, known: readonly string[]): string | null {
  const [whole, other] = begun(word, known);
  if (whole !== undefined && other === undefined) return whole;
  let best: { word: string; distance: number } | null = null;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const close = distance <= Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 2));
    if (close && (best === null || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word ?? null;
}

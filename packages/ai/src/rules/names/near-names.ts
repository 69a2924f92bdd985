import { distance } from '../text/distance.ts';
import { fold } from '../text/fold.ts';

/** A name that may have been meant, with how far what was said is from it: 0 for a part or beginning of it. */
export interface NearName {
  readonly name: string;
  readonly far: number;
}

const letters = (text: string) => text.replace(/[^\p{L}]/gu, '');

function farFrom(said: string, name: string): number | null {
  if (said === name) return 0;
  const parts = name.split(/[-_./]/);
  if (said.length >= 3 && (name.startsWith(said) || parts.includes(said))) return 1;
  if (letters(said).length >= 3 && letters(said) === letters(name)) return 1;
  const far = distance(said, name);
  const shorter = Math.min(said.length, name.length);
  return far <= (shorter <= 4 ? 1 : shorter <= 8 ? 2 : 3) && far < shorter ? far : null;
}

/** The names that a mistyped or shortened one may mean, nearest first. */
export function nearNames(said: string, names: Iterable<string>): NearName[] {
  const wanted = fold(said);
  const near = [...new Set(names)].flatMap((name) => {
    const far = farFrom(wanted, fold(name));
    return far === null ? [] : [{ name, far }];
  });
  return near.sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
}

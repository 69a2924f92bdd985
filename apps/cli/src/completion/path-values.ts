import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Files and folders that begin like a word; a folder ends in a slash, so that the next Tab goes into it. */
export function pathValues(cwd: string, word: string, onlyFolders: boolean): string[] {
  const shown = word === '' || word.endsWith('/') ? word : `${dirname(word) === '.' ? '' : `${dirname(word)}/`}`;
  const begun = word.slice(shown.length).replace(/^\//, '');
  const prefix = shown === '//' ? '/' : shown;
  try {
    return readdirSync(resolve(cwd, prefix === '' ? '.' : prefix), { withFileTypes: true })
      .filter((entry) => entry.name.startsWith(begun) && (begun.startsWith('.') || !entry.name.startsWith('.')))
      .filter((entry) => !onlyFolders || entry.isDirectory())
      .map((entry) => (entry.isDirectory() ? `${join(prefix, entry.name)}/` : join(prefix, entry.name)));
  } catch {
    // There is nothing to offer in a folder that cannot be read.
    return [];
  }
}

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const sourceName = /\.(ts|tsx|mts|cts|js|mjs|cjs)$/;
const notSource = new Set(['node_modules', 'dist', 'coverage']);

/** The source files below a folder, relative to the root, sorted. */
export function sourceFiles(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !notSource.has(entry.name))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sourceFiles(root, path);
      return sourceName.test(entry.name) ? [path] : [];
    })
    .sort();
}

/** The folders of the workspace's packages: every folder with a package.json. */
export function packageFolders(root: string): string[] {
  return ['packages', 'connectors', 'apps']
    .filter((room) => existsSync(join(root, room)))
    .flatMap((room) => readdirSync(join(root, room)).map((name) => `${room}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort();
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { checkWalls } from '../../scripts/walls/check-walls.ts';

const manifestOf = (name: string, dependencies: Readonly<Record<string, string>>) =>
  JSON.stringify({ name, dependencies });

/** Checks a tree of one package with one file, and returns what the walls say about it. */
export function violationsOf(file: string, source: string): string[] {
  const root = tempFolder();
  const folder = file.split('/').slice(0, 2).join('/');
  const name = folder.startsWith('connectors/') ? `connector-${folder.slice(11)}` : folder.replace(/^\w+\//, '');
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package.json', JSON.stringify({ name: 'root', devDependencies: { vitest: '1.0.0' } }));
  write(`${folder}/package.json`, manifestOf(`@countersign/${name}`, { declared: '1.0.0', zod: '1.0.0' }));
  write(file, source);
  return checkWalls(root).violations.map((violation) => `${violation.file}:${violation.line} ${violation.message}`);
}

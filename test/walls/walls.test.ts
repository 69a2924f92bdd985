import { execFileSync } from 'node:child_process';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/repository-root.ts';
import { checkWalls } from '../../scripts/walls/check-walls.ts';

const { filesRead, violations } = checkWalls(repositoryRoot);

it('finds no violation in this repository', () => {
  expect(violations.map(({ file, line, message }) => `${file}:${line} ${message}`)).toEqual([]);
});

it('reads every file of every package that the compiler reads', () => {
  const compiler = join(repositoryRoot, 'node_modules/typescript/bin/tsc');
  const listed = execFileSync(process.execPath, [compiler, '-p', 'tsconfig.json', '--listFilesOnly'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const compiled = listed
    .split('\n')
    .map((file) => relative(repositoryRoot, file))
    .filter(
      (file) => /^(packages|connectors|apps)\//.test(file) && !file.includes('node_modules') && !file.endsWith('.json'),
    );
  const read = [...filesRead.values()].flat();
  expect(compiled.length).toBeGreaterThan(filesRead.size);
  expect(compiled.filter((file) => !read.includes(file))).toEqual([]);
  expect([...filesRead].filter(([, files]) => files.length === 0)).toEqual([]);
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/repository-root.ts';
import { checkRequirements } from './check-requirements.ts';

it('lists every requirement, and a test cites each that is marked done', () => {
  const document = readFileSync(join(repositoryRoot, 'docs/requirements.md'), 'utf8');
  const readText = (path: string) => {
    const file = join(repositoryRoot, path);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  expect(checkRequirements(document, readText)).toEqual([]);
});

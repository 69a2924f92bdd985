import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/repository-root.ts';

it('shellcheck finds nothing in any script of the repository, and finds what is planted (DO-15)', () => {
  const listed = execFileSync('git', ['ls-files', '-z', '*.sh', '.ci/run', 'test/deploy/stub/*'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  });
  const scripts = listed.split('\0').filter((file) => file !== '');
  expect(scripts.length).toBeGreaterThanOrEqual(10);
  const check = (...files: readonly string[]) =>
    spawnSync('shellcheck', ['-x', ...files], { cwd: repositoryRoot, encoding: 'utf8' });
  expect(check(...scripts)).toMatchObject({ status: 0, stdout: '' });
  const planted = join(tempFolder(), 'planted.sh');
  writeFileSync(planted, '#!/bin/bash\nrm -rf $1/*\n');
  expect(check(planted)).toMatchObject({ status: 1, stdout: expect.stringContaining('SC2086') });
});

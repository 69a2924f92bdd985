import type { Diff } from '@countersign/protocol';
import type { GitRepository } from '@countersign/testing';
import { expect } from 'vitest';

/** Expects that a branch's newest commit is exactly the shown diffs, and that git finds nothing wrong. */
export async function expectCommitIs(repo: GitRepository, from: string, diffs: readonly Diff[]): Promise<void> {
  expect(await repo.git('rev-parse', 'main^')).toBe(from);
  const paths = (await repo.git('diff-tree', '-r', '--no-commit-id', '--name-only', 'main')).split('\n').sort();
  expect(paths).toEqual(diffs.map(({ path }) => path).sort());
  for (const { path, patch } of diffs) {
    const made = await repo.git(
      'diff-tree',
      '--no-commit-id',
      '-p',
      '--full-index',
      '--no-renames',
      'main',
      '--',
      path,
    );
    expect(patch.trimEnd()).toBe(made.trimEnd());
  }
  expect(await repo.git('status', '--porcelain')).toBe('');
  await repo.git('fsck', '--strict', '--no-dangling');
}

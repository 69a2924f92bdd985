import { expect, it } from 'vitest';
import { bundlePaths, comparePaths, diffPath, unlistedPaths } from './bundle-paths.ts';

it('the files that speak about the manifest are not listed in it', () => {
  expect(unlistedPaths).toEqual(['manifest.json', 'statement.dsse.json', 'tlog-proof', 'audit-entry.json']);
  expect(bundlePaths).toEqual({
    planText: 'plan.md',
    plan: 'plan.json',
    validation: 'validation.json',
    approvals: 'approvals.json',
    run: 'run.json',
    log: 'logs.txt',
    manifest: 'manifest.json',
    statement: 'statement.dsse.json',
    proof: 'tlog-proof',
    auditEntry: 'audit-entry.json',
  });
});

it.each([
  ['a/b.txt', 0, 'diffs/0001-a-b-txt.patch'],
  ['--a--', 1, 'diffs/0002-a.patch'],
  ['A0z9', 9_998, 'diffs/9999-a0z9.patch'],
  ['a', 9_999, 'diffs/10000-a.patch'],
  // Cut after 48 letters, and then no hyphen at its end.
  [`${'a'.repeat(47)}//b`, 0, `diffs/0001-${'a'.repeat(47)}.patch`],
  [`/${'a'.repeat(47)}b`, 0, `diffs/0001-${'a'.repeat(47)}.patch`],
])('the patch of %j at %i is %s', (path, index, expected) => {
  expect(diffPath({ step: 0, path, summary: '', patch: '' }, index)).toBe(expected);
});

it('paths are ordered by UTF-16 code units', () => {
  expect(comparePaths('a', 'b')).toBe(-1);
  expect(comparePaths('b', 'a')).toBe(1);
  expect(comparePaths('a', 'a')).toBe(0);
  expect(['b', 'a', 'B', '\uFFFD', '🙂', 'a'].sort(comparePaths)).toEqual(['B', 'a', 'a', 'b', '🙂', '\uFFFD']);
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../repository-root.ts';
import { forgetPassed, notePassed, passedBefore } from './passed-before.ts';
import { treeState } from './tree-state.ts';

it('remembers that a project passed on one tree, and on no other', () => {
  const mark = join(repositoryRoot, '.cache/test', 'live.passed');
  try {
    notePassed('live', treeState() ?? 'a tree with changes');
    expect(passedBefore('live')).toBe(treeState() !== null);
    notePassed('live', 'another tree');
    expect(passedBefore('live')).toBe(false);
    forgetPassed('live');
    expect(passedBefore('live')).toBe(false);
  } finally {
    rmSync(mark, { force: true });
  }
});

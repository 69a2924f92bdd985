import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeGitRepository, makeTempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { session, step } from './fixture/session.ts';

const revert = (commit: string, more: object = {}) => step('repo.revert', { commit, ...more });
const start = { 'a.txt': 'one\ntwo\nthree\nfour\nfive\n', 'b.txt': 'b\n', 'secrets/key': 'hidden\n' };

describe('repo.revert', () => {
  it('gives the tree before the last commit back, and says which commit it reverts', async () => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    const tree = await git('rev-parse', 'main^{tree}');
    const commit = await repository.commit({ 'a.txt': 'new\n', 'bin/new': 'x', 'b.txt': '' }, 'the change\n\nmore');
    const { plan, apply } = session(path);
    const { diffs, rollback } = await plan(revert(commit));
    expect(diffs.map((diff) => `${diff.path} ${diff.summary}`)).toEqual([
      'a.txt +5 -1',
      'b.txt +1 -0',
      'bin/new deleted, +0 -1',
    ]);
    await apply(revert(commit));
    expect(await git('rev-parse', 'main^{tree}')).toBe(tree);
    expect(await git('log', '-1', '--format=%B')).toContain(
      `Revert "the change"\n\nThis reverts commit ${commit}.\n\nCountersign-Key: `,
    );
    expect(await git('status', '--porcelain')).toBe('');
    if (!rollback.possible) throw new Error(rollback.reason);
    await apply(...rollback.steps.map((each) => step(each.action, each.inputs)));
    expect(await git('rev-parse', 'main^{tree}')).toBe(await git('rev-parse', `${commit}^{tree}`));
  });

  it('makes what git revert makes where later commits changed other lines and moved the file', async () => {
    using repository = await makeGitRepository({ ...start, 'a.txt': `${start['a.txt']}${'more\n'.repeat(20)}` });
    const { path, git } = repository;
    const commit = await repository.commit({ 'a.txt': `ONE\n${start['a.txt'].slice(4)}${'more\n'.repeat(20)}` });
    await git('mv', 'a.txt', 'moved.txt');
    await repository.commit({ 'moved.txt': `ONE\n${start['a.txt'].slice(4)}${'more\n'.repeat(20)}last\n` });
    using clone = makeTempFolder();
    const inClone = (...args: string[]) =>
      execFileSync('git', ['-C', clone.path, '-c', 'user.name=x', '-c', 'user.email=x@x', ...args], {
        encoding: 'utf8',
      }).trim();
    inClone('clone', '--quiet', path, '.');
    inClone('revert', '--no-edit', commit);
    await session(path).apply(revert(commit));
    expect(await git('rev-parse', 'main^{tree}')).toBe(inClone('rev-parse', 'HEAD^{tree}'));
  });

  it('names the files that conflict', async () => {
    using repository = await makeGitRepository(start);
    const commit = await repository.commit({ 'a.txt': 'new\n', 'b.txt': 'c\n' });
    await repository.commit({ 'a.txt': 'newer\n', 'b.txt': 'd\n' });
    const { checks, diffs } = await session(repository.path).plan(revert(commit));
    const failing = checks.filter((check) => check.status === 'fail');
    expect(failing).toMatchObject([
      {
        id: 'repo.revert_applies',
        file: 'a.txt',
        message: expect.stringMatching(/a\.txt .*conflict; b\.txt .*conflict/),
      },
    ]);
    expect(diffs).toEqual([]);
  });

  it('wants to know the mainline of a merge', async () => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    await git('checkout', '--quiet', '-b', 'side');
    await repository.commit({ 'side.txt': 's\n' });
    await git('checkout', '--quiet', 'main');
    await repository.commit({ 'main.txt': 'm\n' });
    const tree = await git('rev-parse', 'main^{tree}');
    await git('merge', '--quiet', '--no-edit', '--no-verify', 'side');
    const merge = await git('rev-parse', 'main');
    const { plan, apply } = session(path);
    const failing = async (more: object) =>
      (await plan(revert(merge, more))).checks.filter((check) => check.status === 'fail');
    expect(await failing({})).toMatchObject([
      { id: 'repo.commit_known', message: expect.stringContaining('"mainline"') },
    ]);
    expect(await failing({ mainline: 3 })).toMatchObject([
      { id: 'repo.commit_known', message: expect.stringContaining('none with the number 3') },
    ]);
    expect(await failing({ mainline: 1 })).toEqual([]);
    await apply(revert(merge, { mainline: 1 }));
    expect(await git('rev-parse', 'main^{tree}')).toBe(tree);
  });

  it('reverts no commit of another branch, no blob, no hidden or linked file, and no change twice', async () => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    const hidden = await repository.commit({ 'secrets/key': 'other\n' });
    symlinkSync('a.txt', join(path, 'link'));
    const link = await repository.commit({});
    const change = await repository.commit({ 'b.txt': 'c\n' });
    await git('checkout', '--quiet', '-b', 'side');
    const side = await repository.commit({ 'b.txt': 'd\n' });
    await git('checkout', '--quiet', 'main');
    const limited = session(path, { deny: ['secrets/**'] });
    const failing = (commit: string) => limited.failing(revert(commit));
    expect(await failing(side)).toEqual(['repo.commit_known']);
    expect(await failing(await git('rev-parse', 'main:b.txt'))).toEqual(['repo.commit_known']);
    expect(await failing('1'.repeat(40))).toEqual(['repo.commit_known']);
    expect(await failing(hidden)).toEqual(['repo.paths_allowed']);
    expect(JSON.stringify(await limited.plan(revert(hidden)))).not.toContain('secrets/key');
    expect(await failing(link)).toEqual(['repo.no_symlink_escape']);
    await limited.apply(revert(change));
    expect(await failing(change)).toEqual(['repo.changes_something']);
  });

  it('says that the parent is missing in a shallow clone, and reverts the first commit of all', async () => {
    using repository = await makeGitRepository(start);
    const first = await repository.git('rev-parse', 'main');
    const second = await repository.commit({ 'b.txt': 'c\n' });
    using folder = makeTempFolder();
    execFileSync('git', ['clone', '--quiet', '--depth=1', '--bare', `file://${repository.path}`, folder.path]);
    const { checks } = await session(folder.path).plan(revert(second));
    expect(checks.find((check) => check.id === 'repo.commit_known')?.message).toContain('shallow');
    await session(repository.path).apply(revert(second));
    writeFileSync(join(repository.path, 'c.txt'), 'c');
    await repository.commit({});
    await session(repository.path).apply(revert(first));
    expect(await repository.git('ls-tree', '-r', '--name-only', 'main')).toBe('c.txt');
  });
});

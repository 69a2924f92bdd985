import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeGitRepository, makeTempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { session, step, write } from './fixture/session.ts';

const start = { 'a.txt': 'one\n', 'dir/b.txt': 'b\n' };
const run = (cwd: string, ...args: string[]) => execFileSync('git', ['-C', cwd, ...args], { encoding: 'utf8' }).trim();
const patch = (text: string) => step('repo.apply_patch', { patch: text, message: 'patched' });
const changeA = '--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n';

describe('repositories of every kind', () => {
  it('a bare one, a linked work tree, and one checked out elsewhere', async () => {
    using repository = await makeGitRepository(start);
    using folder = makeTempFolder();
    const { path, git } = repository;
    const bare = join(folder.path, 'bare.git');
    run(folder.path, 'clone', '--quiet', '--bare', path, bare);
    await session(bare).apply(patch(changeA));
    expect(run(bare, 'show', 'main:a.txt')).toBe('two');
    const linked = join(folder.path, 'linked');
    await git('worktree', 'add', '--quiet', '-b', 'side', linked);
    await session(linked, { branch: 'side' }).apply(patch(changeA));
    expect(readFileSync(join(linked, 'a.txt'), 'utf8')).toBe('two\n');
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('one\n');
    await git('checkout', '--quiet', '--detach');
    await session(path).apply(patch(changeA));
    expect(await git('show', 'main:a.txt')).toBe('two');
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('one\n');
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('a sparse checkout stays sparse', async () => {
    using repository = await makeGitRepository({ ...start, 'other/c.txt': 'c\n' });
    const { path, git } = repository;
    await git('sparse-checkout', 'set', '--cone', 'dir');
    expect(existsSync(join(path, 'other'))).toBe(false);
    await session(path).apply(
      write([
        { path: 'other/c.txt', content: 'C\n' },
        { path: 'dir/b.txt', content: 'B\n' },
      ]),
    );
    expect(await git('show', 'main:other/c.txt')).toBe('C');
    expect(existsSync(join(path, 'other'))).toBe(false);
    expect(readFileSync(join(path, 'dir/b.txt'), 'utf8')).toBe('B\n');
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('an index that another git holds means no change; once it is let go the change goes through', async () => {
    using repository = await makeGitRepository(start);
    const lock = join(repository.path, '.git', 'index.lock');
    writeFileSync(lock, '');
    const { apply } = session(repository.path);
    await expect(apply(patch(changeA))).rejects.toMatchObject({ code: 'E_PLAN_STALE', effect: 'none' });
    expect(await repository.git('rev-list', '--count', 'main')).toBe('1');
    execFileSync('rm', [lock]);
    await apply(patch(changeA));
    expect(await repository.git('status', '--porcelain')).toBe('');
  }, 60_000);

  it('runs no hook, filter, diff or merge program, and no setting of the repository changes a byte', async () => {
    using repository = await makeGitRepository({
      ...start,
      '.gitattributes': '*.txt filter=evil diff=evil merge=evil text eol=crlf\n',
    });
    using folder = makeTempFolder();
    const { path, git } = repository;
    await git('checkout', '--quiet', '--detach');
    const mark = join(folder.path, 'ran');
    const program = join(folder.path, 'program');
    writeFileSync(program, `#!/bin/sh\ntouch ${mark}\ncat\n`);
    chmodSync(program, 0o755);
    for (const hook of [
      'pre-commit',
      'reference-transaction',
      'post-checkout',
      'post-index-change',
      'applypatch-msg',
    ]) {
      writeFileSync(join(path, '.git/hooks', hook), `#!/bin/sh\ntouch ${mark}\n`);
      chmodSync(join(path, '.git/hooks', hook), 0o755);
    }
    const evil = [
      'filter.evil.clean',
      'filter.evil.smudge',
      'diff.evil.command',
      'diff.evil.textconv',
      'merge.evil.driver',
      'core.fsmonitor',
      'core.pager',
      'gpg.program',
    ];
    for (const name of evil) await git('config', name, program);
    for (const [name, value] of [
      ['core.autocrlf', 'true'],
      ['apply.whitespace', 'fix'],
      ['diff.noprefix', 'true'],
      ['core.quotePath', 'true'],
      ['merge.renames', 'false'],
      ['grep.patternType', 'perl'],
      ['commit.gpgSign', 'true'],
    ] as const) {
      await git('config', name, value);
    }
    execFileSync('rm', ['-f', mark]);
    const bare = { before: await git('rev-parse', 'main') };
    const { plan, read } = session(path);
    const { checks, diffs } = await plan(patch('--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two \r\n'));
    expect(checks.find((check) => check.id === 'repo.patch_applies')?.status).toBe('pass');
    expect(diffs[0]?.patch).toContain('-one\n+two \r\n');
    await read('repo.search', { query: 'one' });
    await read('repo.log', {});
    await read('repo.diff', {});
    await session(path).apply(patch('--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two \r\n'));
    expect(existsSync(mark)).toBe(false);
    const content = execFileSync('git', ['-C', path, 'cat-file', 'blob', 'main:a.txt']);
    expect(content.toString('latin1')).toBe('two \r\n');
    expect(await git('rev-parse', 'main^')).toBe(bare.before);
  });
});

describe('contents of every kind', () => {
  it('10 MB of text and of bytes: shown whole or by size and hash, applied, reverted, taken back', async () => {
    const text = 'a line of a large file\n'.repeat(460_000);
    using repository = await makeGitRepository({ 'big.txt': text });
    const { path, git } = repository;
    const bytes = Buffer.alloc(10 * 1024 * 1024, 7);
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = (at * 2_654_435_761) >>> 24;
    writeFileSync(join(path, 'big.bin'), bytes);
    const made = await repository.commit({});
    const tree = await git('rev-parse', 'main^{tree}');
    const { plan, apply } = session(path);
    const lines = `--- a/big.txt\n+++ b/big.txt\n@@ -460000 +460000,2 @@\n a line of a large file\n+the end\n`;
    expect((await plan(patch(lines))).diffs[0]?.summary).toBe('+1 -0');
    const back = step('repo.revert', { commit: made });
    const { diffs, checks } = await plan(back);
    expect(checks.filter((check) => check.status === 'fail')).toEqual([]);
    expect(diffs[0]?.summary).toMatch(/^deleted, binary, 10485760 bytes sha256 [0-9a-f]{64}$/);
    expect((diffs[0]?.patch ?? '').length).toBeLessThan(1000);
    await apply(back);
    const [again] = (await plan(step('repo.revert', { commit: await git('rev-parse', 'main') }))).diffs;
    expect(again?.summary).toMatch(/^new, binary, 10485760 bytes/);
    await apply(step('repo.revert', { commit: await git('rev-parse', 'main') }));
    expect(await git('rev-parse', 'main^{tree}')).toBe(tree);
  }, 120_000);

  it('an LFS pointer is shown as one, and a warning tells where it would become content', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
    using repository = await makeGitRepository({ ...start, 'model.bin': pointer });
    const { plan, read } = session(repository.path);
    expect((await read('repo.file', { path: 'model.bin' })).summary).toMatchObject({
      lfs_pointer: { oid: 'a'.repeat(64), size_bytes: 12345 },
    });
    const { checks } = await plan(write([{ path: 'model.bin', content: 'content' }]));
    expect(checks.find((check) => check.id === 'repo.lfs_pointer')).toMatchObject({
      status: 'warn',
      file: 'model.bin',
    });
    const other = await plan(write([{ path: 'model.bin', content: pointer.replace('12345', '777') }]));
    expect(other.checks.filter((check) => check.status !== 'pass')).toEqual([]);
    expect(other.diffs[0]?.summary).toContain('Git LFS pointer to 777 bytes');
  });

  it('names that are not UTF-8 are listed and left alone', async () => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    const tree = execFileSync('git', ['-C', path, 'mktree', '-z'], {
      input: Buffer.concat([
        Buffer.from(`100644 blob ${await git('rev-parse', 'main:a.txt')}\tn`),
        Buffer.from([0xe9, 0]),
      ]),
    })
      .toString()
      .trim();
    const commit = await git('commit-tree', '-p', 'main', '-m', 'odd', tree);
    await git('update-ref', 'refs/heads/odd', commit);
    const odd = session(path, { branch: 'odd' });
    expect((await odd.read('repo.tree', {})).summary['count']).toBe(1);
    expect((await odd.read('repo.search', { query: 'one' })).summary['count']).toBe(1);
    expect(await odd.failing(step('repo.revert', { commit }))).toEqual(['repo.paths_allowed']);
    expect(await odd.failing(write([{ path: 'new.txt', content: 'x' }]))).toEqual([]);
  });

  it('no more than the newest snapshots are kept, and a plan says where they are', async () => {
    using repository = await makeGitRepository(start);
    const { plan, apply } = session(repository.path, { keep_snapshots: 2 });
    const { checks } = await plan(patch(changeA));
    expect(checks.find((check) => check.id === 'repo.snapshot')?.message).toContain('refs/countersign/snapshots/');
    for (const content of ['1', '2', '3', '4']) await apply(write([{ path: 'a.txt', content }]));
    const kept = await repository.git('for-each-ref', '--format=%(refname)', 'refs/countersign/snapshots/');
    expect(kept.split('\n').length).toBe(2);
  });
});

it('a list of 300 files in 50,000 is planned, applied and taken back', async () => {
  using folder = makeTempFolder();
  const path = join(folder.path, 'large');
  run(folder.path, 'init', '--quiet', '--bare', '--initial-branch=main', path);
  const files = Array.from(
    { length: 50_000 },
    (_, at) => `M 100644 inline d${at % 250}/f${at}.txt\ndata ${`${at}\n`.length}\n${at}\n\n`,
  );
  const head = 'commit refs/heads/main\ncommitter x <x@x> 0 +0000\ndata 5\nlarge\n';
  execFileSync('git', ['-C', path, 'fast-import', '--quiet'], { input: head + files.join('') });
  const text = Array.from({ length: 300 }, (_, at) => {
    const name = `d${(at * 160) % 250}/f${at * 160}.txt`;
    return `--- a/${name}\n+++ b/${name}\n@@ -1 +1,2 @@\n ${at * 160}\n+more\n`;
  }).join('');
  const { plan, apply } = session(path);
  const started = performance.now();
  const { checks, diffs } = await plan(patch(text));
  console.log(`plan of 300 files in 50,000: ${(performance.now() - started).toFixed(0)} ms`);
  expect(checks.filter((check) => check.status !== 'pass')).toEqual([]);
  expect(diffs.length).toBe(300);
  const tree = run(path, 'rev-parse', 'main^{tree}');
  await apply(patch(text));
  await apply(step('repo.revert', { commit: run(path, 'rev-parse', 'main') }));
  expect(run(path, 'rev-parse', 'main^{tree}')).toBe(tree);
}, 180_000);

import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GitRepository, makeGitRepository } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { session, step } from './fixture/session.ts';

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');
const start = {
  'a.txt': lines(40),
  'dir/b.txt': 'b\n',
  'secrets/key': 'hidden\n',
  old: 'a long enough content\n'.repeat(9),
};

function patch(text: string | Uint8Array, more: object = {}, index = 0) {
  const content = typeof text === 'string' ? { patch: text } : { patch_base64: Buffer.from(text).toString('base64') };
  return step('repo.apply_patch', { ...content, message: 'patched', ...more }, index);
}

/** The patch, as git writes it, of what `change` does to the work tree; the repository is as before afterwards. */
async function patchOf(repository: GitRepository, change: () => unknown, ...options: string[]): Promise<Buffer> {
  const { path, git } = repository;
  await change();
  await git('add', '--all');
  const made = execFileSync('git', ['-C', path, 'diff', '--cached', ...options]);
  await git('reset', '--hard', '--quiet');
  await git('clean', '-fdq');
  return made;
}

const write = ({ path }: GitRepository, name: string, content: string | Uint8Array) =>
  writeFileSync(join(path, name), content);

describe('repo.apply_patch', () => {
  it('makes of every kind of change exactly what git makes of it, and takes it back', async () => {
    using repository = await makeGitRepository({ ...start, 'run.sh': '#!/bin/sh\n', 'ü n.txt': 'ü\n' });
    const { path, git } = repository;
    write(repository, 'logo.png', Buffer.from([0, 1, 2, 255]));
    await repository.commit({});
    let wanted = '';
    const made = await patchOf(
      repository,
      async () => {
        write(repository, 'a.txt', lines(40).replace('line 20\n', 'line twenty\r\n'));
        write(repository, 'logo.png', Buffer.from(Array.from({ length: 999 }, (_, at) => (at * at) % 256)));
        write(repository, 'latin1.txt', Buffer.from('gr\xfc\xdfe\n', 'latin1'));
        write(repository, 'no end', 'no line end');
        write(repository, 'ü n.txt', 'ß\n');
        write(repository, 'empty', '');
        chmodSync(join(path, 'run.sh'), 0o755);
        await git('mv', 'old', 'dir/new name');
        await git('rm', '--quiet', 'dir/b.txt');
        await git('add', '--all');
        wanted = await git('write-tree');
      },
      '--binary',
      '-M',
    );
    const before = await git('rev-parse', 'main^{tree}');
    const { plan, apply } = session(path);
    const { checks, diffs, rollback } = await plan(patch(made));
    expect(checks.filter((check) => check.status !== 'pass')).toEqual([]);
    expect(diffs.map((diff) => diff.path).sort()).toEqual(
      [
        'a.txt',
        'dir/b.txt',
        'dir/new name',
        'empty',
        'latin1.txt',
        'logo.png',
        'no end',
        'old',
        'run.sh',
        'ü n.txt',
      ].sort(),
    );
    await apply(patch(made));
    expect(await git('rev-parse', 'main^{tree}')).toBe(wanted);
    expect(await git('status', '--porcelain')).toBe('');
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toContain('line twenty\r\n');
    if (!rollback.possible) throw new Error(rollback.reason);
    await apply(...rollback.steps.map((each) => step(each.action, each.inputs)));
    expect(await git('rev-parse', 'main^{tree}')).toBe(before);
    expect(await git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('names file and hunk of what does not apply, all of them', async () => {
    using repository = await makeGitRepository(start);
    const made = await patchOf(repository, () => {
      write(repository, 'a.txt', lines(40).replace('line 3\n', 'three\n').replace('line 33\n', 'thirty-three\n'));
      write(repository, 'dir/b.txt', 'c\n');
    });
    await repository.commit({ 'a.txt': lines(40).replace('line 34\n', 'changed\n'), 'dir/b.txt': 'other\n' });
    const { checks, diffs, rollback } = await session(repository.path).plan(patch(made));
    expect(checks.find((check) => check.id === 'repo.patch_applies')).toMatchObject({
      status: 'fail',
      file: 'a.txt',
      line: 30,
      message: expect.stringMatching(
        /^a\.txt: hunk 2 of 2 \(line 30\) does not apply.*; dir\/b\.txt: hunk 1 of 1 \(line 1\)/,
      ),
    });
    expect(diffs).toEqual([]);
    expect(rollback.possible).toBe(false);
  });

  it('shows where a hunk applies elsewhere than it says', async () => {
    using repository = await makeGitRepository(start);
    const made = await patchOf(repository, () => write(repository, 'a.txt', lines(40).replace('line 33\n', 'x\n')));
    await repository.commit({ 'a.txt': `new\nnew\n${lines(40)}` });
    const { checks, diffs } = await session(repository.path).plan(patch(made));
    expect(checks.filter((check) => check.status !== 'pass')).toMatchObject([
      { id: 'repo.patch_applies', status: 'warn', message: 'a.txt: hunk 1 applies 2 lines further down than it says' },
    ]);
    expect(diffs[0]?.patch).toContain('@@ -32,7 +32,7 @@');
  });

  it.each<[string, string, string, RegExp]>([
    ['no patch at all', 'hello\n', 'repo.patch_readable', /line 2 of the patch: there is no file/],
    ['a missing file', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n', 'repo.patch_applies', /x does not exist/],
    [
      'a file that is there',
      '--- /dev/null\n+++ b/old\n@@ -0,0 +1 @@\n+b\n',
      'repo.patch_applies',
      /old exists already/,
    ],
    [
      'outside the allowlist',
      '--- a/secrets/key\n+++ b/secrets/key\n@@ -1 +1 @@\n-hidden\n+b\n',
      'repo.paths_allowed',
      /secrets\/key is outside/,
    ],
    [
      'a copy from outside',
      'diff --git a/secrets/key b/y\ncopy from secrets/key\ncopy to y\n',
      'repo.paths_allowed',
      /secrets\/key is outside/,
    ],
    ['.git', '--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+b\n', 'repo.paths_allowed', /names the \.git folder/],
    ['upwards', '--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+b\n', 'repo.paths_allowed', /".." part/],
    [
      'through a link',
      '--- /dev/null\n+++ b/link/x\n@@ -0,0 +1 @@\n+b\n',
      'repo.no_symlink_escape',
      /link is a symbolic link/,
    ],
    [
      'a link changed',
      'diff --git a/link b/link\ndeleted file mode 120000\n',
      'repo.no_symlink_escape',
      /link is a symbolic link/,
    ],
    [
      'a link made',
      'diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n',
      'repo.no_symlink_escape',
      /would become/,
    ],
    ['into a submodule', '--- /dev/null\n+++ b/sub/x\n@@ -0,0 +1 @@\n+b\n', 'repo.no_submodule', /sub is a submodule/],
    [
      'a submodule moved',
      `diff --git a/sub b/sub\nindex 1..2 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-Subproject commit ${'1'.repeat(40)}\n+Subproject commit ${'2'.repeat(40)}\n`,
      'repo.no_submodule',
      /sub is a submodule/,
    ],
    [
      '.gitmodules',
      '--- /dev/null\n+++ b/.gitmodules\n@@ -0,0 +1 @@\n+b\n',
      'repo.no_submodule',
      /declares submodules/,
    ],
    [
      'a file below a file',
      '--- /dev/null\n+++ b/old/x\n@@ -0,0 +1 @@\n+b\n',
      'repo.no_path_conflict',
      /old is a file/,
    ],
    [
      'a folder that stays',
      'diff --git a/dir/b.txt b/dir\nsimilarity index 100%\nrename from dir/b.txt\nrename to dir\n',
      'repo.no_path_conflict',
      /would take 1 file/,
    ],
    ['no change', 'diff --git a/run b/run\nold mode 100644\nnew mode 100755\n', 'repo.changes_something', /already/],
  ])('refuses by a failing check: %s', async (_what, text, id, message) => {
    using repository = await makeGitRepository({ ...start, 'dir/c.txt': 'c\n', run: '' });
    chmodSync(join(repository.path, 'run'), 0o755);
    symlinkSync('/etc', join(repository.path, 'link'));
    await repository.git('add', '--all');
    const commit = await repository.git('rev-parse', 'HEAD');
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},sub`);
    await repository.git('commit', '--quiet', '-m', 'link and submodule');
    const { plan } = session(repository.path, { deny: ['secrets/**'] });
    const { checks, preconditions } = await plan(patch(text));
    const failing = checks.filter((check) => check.status === 'fail');
    expect(failing).toMatchObject([{ id, message: expect.stringMatching(message) }]);
    expect(JSON.stringify(preconditions)).not.toContain('secrets');
  });

  it('takes no content from anywhere but the files it names', async () => {
    using repository = await makeGitRepository({ ...start, 'x.bin': 'a\0b' });
    const { path, git } = repository;
    const [hidden, shown] = [await git('rev-parse', 'main:secrets/key'), await git('rev-parse', 'main:x.bin')];
    // Git itself would take the hidden content for the result: it has the object that the index line names.
    const text = `diff --git a/x.bin b/x.bin\nindex ${shown}..${hidden} 100644\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n\n`;
    const { checks, diffs } = await session(path, { deny: ['secrets/**'] }).plan(patch(text));
    expect(checks.find((check) => check.id === 'repo.patch_applies')?.status).toBe('fail');
    expect(JSON.stringify(diffs)).not.toContain('hidden');
  });

  it('lets a file become a folder', async () => {
    using repository = await makeGitRepository(start);
    const made = await patchOf(repository, async () => {
      await repository.git('rm', '--quiet', 'old');
      execFileSync('mkdir', [join(repository.path, 'old')]);
      write(repository, 'old/x', 'x\n');
    });
    await session(repository.path).apply(patch(made));
    expect(await repository.git('ls-tree', '-r', '--name-only', 'main', 'old')).toBe('old/x');
    expect(await repository.git('status', '--porcelain')).toBe('');
  });

  it('stands on the step before it', async () => {
    using repository = await makeGitRepository(start);
    const one = '--- a/dir/b.txt\n+++ b/dir/b.txt\n@@ -1 +1 @@\n-b\n+c\n';
    const two = '--- a/dir/b.txt\n+++ b/dir/b.txt\n@@ -1 +1 @@\n-c\n+d\n';
    const { plan, apply } = session(repository.path);
    const { checks, diffs } = await plan(patch(one), patch(two, {}, 1));
    expect(checks.filter((check) => check.status === 'fail')).toEqual([]);
    expect(diffs.map((diff) => diff.step)).toEqual([0, 1]);
    await apply(patch(one), patch(two, {}, 1));
    expect(await repository.git('show', 'main:dir/b.txt')).toBe('d');
  });
});

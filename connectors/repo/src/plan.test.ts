import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeGitRepository, makeTempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { folderDigest } from './fixture/repo-harness.ts';
import { session, step, write } from './fixture/session.ts';

const start = { 'a.txt': 'one\ntwo\n', 'dir/b.txt': 'b\n', 'secrets/key': 'hidden\n' };

describe('a plan shows', () => {
  it('the exact patches, one a file, with a line about each', async () => {
    using repository = await makeGitRepository({ ...start, 'old-name.txt': 'a long enough content\n'.repeat(5) });
    const bin = Buffer.from([0, 255, 1]);
    const { diffs, rollback } = await session(repository.path).plan(
      write([
        { path: 'a.txt', content: 'one\n2\nthree\n' },
        { path: 'new.sh', content: '#!/bin/sh\n' },
        { path: 'dir/b.txt', delete: true },
        { path: 'old-name.txt', delete: true },
        { path: 'new-name.txt', content: 'a long enough content\n'.repeat(5) },
        { path: 'bin', content_base64: bin.toString('base64') },
      ]),
    );
    expect(diffs.map(({ path, summary }) => [path, summary])).toEqual([
      ['a.txt', '+2 -1'],
      ['bin', `new, binary, 3 bytes sha256 ${createHash('sha256').update(bin).digest('hex')}`],
      ['dir/b.txt', 'deleted, +0 -1'],
      ['new-name.txt', 'new, +5 -0'],
      ['new.sh', 'new, +1 -0'],
      ['old-name.txt', 'deleted, +0 -5'],
    ]);
    expect(diffs[0]?.patch).toContain('@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three\n');
    expect(rollback.possible).toBe(true);
  });

  it('a patch of text in another encoding that survives JSON', async () => {
    using repository = await makeGitRepository(start);
    const latin1 = Buffer.from('gr\xfc\xdfe\n', 'latin1').toString('base64');
    const { diffs } = await session(repository.path).plan(
      write([
        { path: 'latin1.txt', content_base64: latin1 },
        { path: 'a.txt', content: 'üé\n' },
      ]),
    );
    expect(diffs.find((each) => each.path === 'latin1.txt')?.patch).toContain('GIT binary patch');
    expect(diffs.find((each) => each.path === 'a.txt')?.patch).toContain('+üé\n');
    expect(JSON.stringify(diffs)).not.toContain('\ufffd');
  });

  it('each step on top of the one before', async () => {
    using repository = await makeGitRepository(start);
    const { diffs, rollback } = await session(repository.path).plan(
      write([{ path: 'a.txt', content: 'first\n' }]),
      write([{ path: 'a.txt', content: 'second\n' }], {}, 1),
    );
    expect(diffs.map(({ step: index, patch }) => [index, patch.split('\n').at(-3), patch.split('\n').at(-2)])).toEqual([
      [0, '-two', '+first'],
      [1, '-first', '+second'],
    ]);
    expect(rollback.possible && rollback.steps.map((each) => each.undoes)).toEqual([1, 0]);
  });
});

describe('a plan refuses by a failing check', () => {
  it('paths outside the allowlist, also under another case', async () => {
    using repository = await makeGitRepository(start);
    const limited = session(repository.path, { allow: ['dir/**'], deny: ['dir/private/**'] });
    expect(await limited.failing(write([{ path: 'a.txt', content: 'x' }]))).toEqual(['repo.paths_allowed']);
    expect(await limited.failing(write([{ path: 'dir/Private/x', content: 'x' }]))).toEqual(['repo.paths_allowed']);
    expect(await limited.failing(write([{ path: 'dir/x', content: 'x' }]))).toEqual([]);
  });

  it('a way through or over a symbolic link, or into a submodule', async () => {
    using repository = await makeGitRepository(start);
    symlinkSync('/etc', join(repository.path, 'link'));
    await repository.git('add', 'link');
    const commit = await repository.git('rev-parse', 'HEAD');
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},sub`);
    await repository.git('commit', '--quiet', '-m', 'link and submodule');
    mkdirSync(join(repository.path, 'sub'));
    const { plan, failing } = session(repository.path);
    const { checks } = await plan(write([{ path: 'link/passwd', content: 'x' }]));
    expect(checks.find((check) => check.id === 'repo.no_symlink_escape')).toMatchObject({
      status: 'fail',
      file: 'link/passwd',
      message: 'link is a symbolic link',
    });
    expect(await failing(write([{ path: 'link', content: 'x' }]))).toEqual(['repo.no_symlink_escape']);
    expect(await failing(write([{ path: 'link', delete: true }]))).toEqual(['repo.no_symlink_escape']);
    expect(await failing(write([{ path: 'sub/x', content: 'x' }]))).toEqual(['repo.no_submodule']);
    expect(await failing(write([{ path: '.gitmodules', content: 'x' }]))).toEqual(['repo.no_submodule']);
  });

  it('files that are folders, folders that are files, paths named twice', async () => {
    using repository = await makeGitRepository(start);
    const { failing } = session(repository.path);
    const conflict = ['repo.no_path_conflict'];
    expect(await failing(write([{ path: 'dir', content: 'x' }]))).toEqual(conflict);
    expect(await failing(write([{ path: 'a.txt/x', content: 'x' }]))).toEqual(conflict);
    expect(
      await failing(
        write([
          { path: 'n', content: 'x' },
          { path: 'n/x', content: 'x' },
        ]),
      ),
    ).toEqual(conflict);
    expect(
      await failing(
        write([
          { path: 'n', content: 'x' },
          { path: 'n', content: 'y' },
        ]),
      ),
    ).toEqual(conflict);
  });

  it('a change of nothing, a deletion of nothing, a branch of somebody else', async () => {
    using repository = await makeGitRepository(start);
    const { failing } = session(repository.path, { branches: ['next'] });
    expect(await failing(write([{ path: 'dir/b.txt', content: 'b\n' }]))).toEqual(['repo.changes_something']);
    expect(await failing(write([{ path: 'nowhere', delete: true }]))).toEqual(['repo.paths_exist']);
    expect(await failing(write([{ path: 'x', content: 'x' }], { branch: 'prod' }))).toEqual([
      'repo.branch_exists',
      'repo.branch_allowed',
    ]);
    expect(await failing(write([{ path: 'x', content: 'x' }], { branch: 'next' }))).toEqual(['repo.branch_exists']);
  });

  it('a blob that was never the content of that path, which could show what is denied', async () => {
    using repository = await makeGitRepository(start);
    await repository.commit({ 'a.txt': 'changed\n' });
    const hidden = await repository.git('rev-parse', 'HEAD:secrets/key');
    const former = await repository.git('rev-parse', 'HEAD~1:a.txt');
    const { failing } = session(repository.path, { deny: ['secrets/**'] });
    expect(await failing(write([{ path: 'a.txt', blob: hidden }]))).toEqual(['repo.blob_known']);
    expect(await failing(write([{ path: 'a.txt', blob: '0'.repeat(40) }]))).toEqual(['repo.blob_known']);
    expect(await failing(write([{ path: 'a.txt', blob: former }]))).toEqual([]);
  });

  it('an unclean work tree and files in the way, ignored ones too', async () => {
    using repository = await makeGitRepository({ ...start, '.gitignore': 'ignored\n' });
    const { plan, failing } = session(repository.path);
    writeFileSync(join(repository.path, 'untracked'), 'mine');
    writeFileSync(join(repository.path, 'ignored'), 'mine');
    expect(await failing(write([{ path: 'x', content: 'x' }]))).toEqual([]);
    expect(await failing(write([{ path: 'untracked', content: 'x' }]))).toEqual(['repo.worktree_clean']);
    expect(await failing(write([{ path: 'ignored', content: 'x' }]))).toEqual(['repo.worktree_clean']);
    expect(await failing(write([{ path: 'untracked/x', content: 'x' }]))).toEqual(['repo.worktree_clean']);
    mkdirSync(join(repository.path, 'folder/ignored'), { recursive: true });
    expect(await failing(write([{ path: 'folder', content: 'x' }]))).toEqual([]);
    writeFileSync(join(repository.path, 'folder/ignored/mine'), 'mine');
    expect(await failing(write([{ path: 'folder', content: 'x' }]))).toEqual(['repo.worktree_clean']);
    symlinkSync('/etc', join(repository.path, 'away'));
    expect(await failing(write([{ path: 'away/x', content: 'x' }]))).toEqual(['repo.worktree_clean']);
    writeFileSync(join(repository.path, 'dir/b.txt'), 'uncommitted');
    const { checks } = await plan(write([{ path: 'x', content: 'x' }]));
    expect(checks.find((check) => check.status === 'fail')).toMatchObject({
      id: 'repo.worktree_clean',
      file: 'dir/b.txt',
    });
  });

  it('a branch that does not exist, in an empty repository too, naming it', async () => {
    using folder = makeTempFolder();
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder.path]);
    const { plan, target } = session(folder.path);
    const { checks, preconditions } = await plan(write([{ path: 'x', content: 'x' }]));
    expect(checks.filter((check) => check.status === 'fail')).toMatchObject([{ id: 'repo.branch_exists' }]);
    expect(checks[0]?.message).toContain('main');
    expect(preconditions).toMatchObject([{ resource: 'refs/heads/main', observed: { commit: null } }]);
    expect(await target.readiness(AbortSignal.timeout(5000))).toMatchObject({ status: 'degraded' });
    await expect(session(folder.path).apply(write([{ path: 'x', content: 'x' }]))).rejects.toMatchObject({
      code: 'E_TARGET_MISSING',
      effect: 'none',
    });
  });

  it('more than can be shown', async () => {
    using repository = await makeGitRepository(start);
    const { failing } = session(repository.path);
    expect(await failing(write([{ path: 'x', content: 'x'.repeat(12 * 10212 * 1024 + 1) }]))).toEqual(['repo.size']);
  });
});

it('runs no program that the repository configures and leaves every byte as it was', async () => {
  using repository = await makeGitRepository({ ...start, '.gitattributes': '* filter=evil diff=evil merge=evil\n' });
  using out = makeTempFolder();
  const evil = join(out.path, 'evil.sh');
  const mark = join(out.path, 'ran');
  writeFileSync(evil, `#!/bin/sh\necho "$0 $@" >> ${mark}\ncat\n`, { mode: 0o755 });
  const settings = [
    'core.fsmonitor',
    'core.sshCommand',
    'core.pager',
    'core.editor',
    'diff.external',
    'diff.evil.command',
    'diff.evil.textconv',
    'filter.evil.clean',
    'filter.evil.smudge',
    'filter.evil.process',
    'filter.EVIL=x.clean',
    'merge.evil.driver',
    'gpg.program',
    'credential.helper',
  ];
  for (const name of settings) await repository.git('config', name, evil);
  await repository.git('config', 'filter.evil.required', 'true');
  await repository.git('config', 'commit.gpgSign', 'true');
  await repository.git('config', 'log.showSignature', 'true');
  for (const hook of ['pre-commit', 'post-index-change', 'reference-transaction', 'post-checkout', 'update']) {
    mkdirSync(join(repository.path, '.git/hooks'), { recursive: true });
    writeFileSync(join(repository.path, '.git/hooks', hook), `#!/bin/sh\necho ${hook} >> ${mark}\n`, { mode: 0o755 });
  }
  const { plan, apply, read } = session(repository.path);
  const digest = await folderDigest(repository.path);
  const change = write([{ path: 'a.txt', content: 'changed\n' }]);
  await plan(change);
  for (const [action, inputs] of [
    ['repo.status', {}],
    ['repo.diff', {}],
    ['repo.file', { path: 'a.txt' }],
    ['repo.tree', {}],
  ] as const) {
    await read(action, step(action, inputs).inputs);
  }
  expect(await folderDigest(repository.path)).toBe(digest);
  await apply(change);
  const ran = execFileSync('sh', ['-c', `cat ${mark} 2>/dev/null || true`], { encoding: 'utf8' });
  expect(ran).toBe('');
  // The trap works: git itself springs it.
  execFileSync('sh', ['-c', 'git status || true'], { cwd: repository.path, stdio: 'ignore' });
  expect(execFileSync('cat', [mark], { encoding: 'utf8' })).not.toBe('');
});

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { localExec } from '@countersign/connector-kit';
import { makeGitRepository, makeTempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { repoConnector } from './connector.ts';
import { quietContext, session, step, write } from './fixture/session.ts';

const start = { 'a.txt': 'one\r\ntwo\r\n', 'run.sh': '#!/bin/sh\n', 'dir/b.txt': 'b\n' };

describe('apply', () => {
  it('commits on the branch, keeps the old commit, follows with the clean work tree', async () => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    const old = await git('rev-parse', 'main');
    await git('update-index', '--chmod=+x', 'run.sh');
    await git('commit', '--quiet', '-m', 'executable');
    execFileSync('chmod', ['+x', join(path, 'run.sh')]);
    const parent = await git('rev-parse', 'main');
    const change = write([
      { path: 'a.txt', content: 'one\r\n2\r\n' },
      { path: 'run.sh', content: '#!/bin/sh\nexit 1\n' },
      { path: 'dir/b.txt', delete: true },
      { path: 'deep/er/c', content: 'c' },
    ]);
    const [applied] = await session(path).apply(change);
    expect(await git('rev-parse', 'main~1')).toBe(parent);
    expect(parent).not.toBe(old);
    expect(applied?.after).toMatchObject({ parent, work_trees: [{ path, updated: true }] });
    expect(await git('status', '--porcelain')).toBe('');
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('one\r\n2\r\n');
    expect(await git('ls-tree', '--format=%(objectmode)', 'main', 'run.sh')).toBe('100755');
    expect(statSync(join(path, 'run.sh')).mode & 0o100).toBe(0o100);
    expect(existsSync(join(path, 'dir'))).toBe(false);
    expect(await git('for-each-ref', '--format=%(objectname)', 'refs/countersign/snapshots/')).toBe(parent);
    expect(await git('log', '-1', '--format=%(trailers:key=Countersign-Key,valueonly)')).toContain(
      change.idempotencyKey,
    );
    expect(await git('fsck', '--strict', '--full', '--no-dangling')).toBe('');
  });

  it('lets exactly one of 20 parallel applies with one guard win', async () => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    const context = quietContext();
    const target = repoConnector.connect({ path }, { exec: localExec, now: Date.now });
    const steps = Array.from({ length: 20 }, (_none, index) => write([{ path: `file-${index}`, content: `${index}` }]));
    const { guard } = await target.observe(steps.slice(0, 1), context);
    const ends = await Promise.allSettled(
      steps.map(async (each) => target.apply(each, await target.before(each, guard, context), guard, context)),
    );
    const lost = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    expect(lost.map((error) => `${error.code} ${error.effect}`)).toEqual(Array(19).fill('E_PLAN_STALE none'));
    expect(await git('rev-list', '--count', 'main')).toBe('2');
    expect(await git('status', '--porcelain')).toBe('');
    expect((await git('for-each-ref', 'refs/countersign/')).split('\n')).toHaveLength(1);
    expect(await git('fsck', '--strict', '--no-dangling')).toBe('');
    const answers = await Promise.all(
      steps.map(async (each) => {
        const before = {
          ref: 'refs/heads/main',
          commit: await git('rev-parse', 'main~1'),
          tree: '',
          result_tree: '',
          files: [],
        };
        return (await target.reconcile(each, { before, guard, recordedAt: 0 }, context)).answer;
      }),
    );
    expect(answers.filter((answer) => answer === 'applied')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'not_applied')).toHaveLength(19);
  });

  it('works on a bare repository and on a linked work tree', async () => {
    using repository = await makeGitRepository(start);
    using other = makeTempFolder();
    const bare = join(other.path, 'bare.git');
    const linked = join(other.path, 'linked');
    execFileSync('git', ['clone', '--quiet', '--bare', repository.path, bare]);
    await session(bare).apply(write([{ path: 'n', content: 'n' }]));
    expect(execFileSync('git', ['-C', bare, 'show', 'main:n'], { encoding: 'utf8' })).toBe('n');

    await repository.git('worktree', 'add', '--quiet', '-b', 'side', linked);
    const [applied] = await session(linked, { branch: 'side' }).apply(write([{ path: 'n', content: 'linked' }]));
    expect(applied?.after).toMatchObject({ work_trees: [{ path: linked, updated: true }] });
    expect(readFileSync(join(linked, 'n'), 'utf8')).toBe('linked');
    expect(execFileSync('git', ['-C', linked, 'status', '--porcelain'], { encoding: 'utf8' })).toBe('');
    expect(existsSync(join(repository.path, 'n'))).toBe(false);
  });

  it('turns a file into a folder, a folder into a file and back, step by step', async () => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    const tree = await git('rev-parse', 'main^{tree}');
    const { plan, apply } = session(path);
    const steps = [
      write([
        { path: 'a.txt', delete: true },
        { path: 'dir/b.txt', delete: true },
      ]),
      write(
        [
          { path: 'a.txt/x', content: 'x' },
          { path: 'dir', content: 'y' },
        ],
        {},
        1,
      ),
      write(
        [
          { path: 'a.txt/x', delete: true },
          { path: 'run.sh', delete: true },
        ],
        {},
        2,
      ),
      write([{ path: 'run.sh', content: 'z' }], {}, 3),
    ];
    const { checks, rollback } = await plan(...steps);
    expect(checks.filter((check) => check.status !== 'pass')).toEqual([]);
    await apply(...steps);
    expect(await git('status', '--porcelain')).toBe('');
    expect(readFileSync(join(path, 'dir'), 'utf8')).toBe('y');
    const inverse = rollback.possible ? rollback.steps : [];
    await apply(...inverse.map((each, index) => ({ ...step(each.action, each.inputs, index) })));
    expect(await git('rev-parse', 'main^{tree}')).toBe(tree);
    expect(await git('status', '--porcelain')).toBe('');
  });

  it('runs no filter that only a linked work tree configures', async () => {
    using repository = await makeGitRepository({ ...start, '.gitattributes': '* filter=own\n' });
    using other = makeTempFolder();
    const [linked, mark] = [join(other.path, 'linked'), join(other.path, 'ran')];
    await repository.git('config', 'extensions.worktreeConfig', 'true');
    await repository.git('worktree', 'add', '--quiet', '-b', 'side', linked);
    const own = (...args: string[]) => execFileSync('git', ['-C', linked, ...args], { encoding: 'utf8' });
    for (const part of ['clean', 'smudge']) own('config', '--worktree', `filter.own.${part}`, `touch ${mark}; cat`);
    await session(repository.path, { branch: 'side' }).apply(write([{ path: 'a.txt', content: 'x' }]));
    expect(readFileSync(join(linked, 'a.txt'), 'utf8')).toBe('x');
    expect(existsSync(mark)).toBe(false);
    own('checkout', '--quiet', '--force', 'side~1');
    expect(existsSync(mark)).toBe(true);
  });

  it('does not touch a work tree that is elsewhere', async () => {
    using repository = await makeGitRepository(start);
    await repository.git('checkout', '--quiet', '--detach');
    writeFileSync(join(repository.path, 'a.txt'), 'mine');
    const [applied] = await session(repository.path).apply(write([{ path: 'a.txt', content: 'theirs' }]));
    expect(applied?.after).toMatchObject({ work_trees: [] });
    expect(readFileSync(join(repository.path, 'a.txt'), 'utf8')).toBe('mine');
    expect(await repository.git('show', 'main:a.txt')).toBe('theirs');
  });

  it('refuses without effect when the work tree became unclean after the plan', async () => {
    using repository = await makeGitRepository(start);
    const commit = await repository.git('rev-parse', 'main');
    writeFileSync(join(repository.path, 'dir/b.txt'), 'mine');
    const applied = session(repository.path).apply(write([{ path: 'a.txt', content: 'x' }]));
    await expect(applied).rejects.toMatchObject({ code: 'E_PLAN_STALE', effect: 'none' });
    expect(await repository.git('rev-parse', 'main')).toBe(commit);
    expect(readFileSync(join(repository.path, 'dir/b.txt'), 'utf8')).toBe('mine');
    expect(await repository.git('for-each-ref', 'refs/countersign/')).toBe('');
  });

  it('never tramples a file that is changed between the compare-and-set and the checkout', async () => {
    using repository = await makeGitRepository(start);
    const file = join(repository.path, 'a.txt');
    const exec = {
      run: async (request: Parameters<typeof localExec.run>[0]) => {
        const result = await localExec.run(request);
        if (request.args.includes('update-ref')) writeFileSync(file, 'just saved by a person');
        return result;
      },
    };
    const target = repoConnector.connect({ path: repository.path }, { exec, now: Date.now });
    const change = write([{ path: 'a.txt', content: 'x' }]);
    const { guard } = await target.observe([change], quietContext());
    const before = await target.before(change, guard, quietContext());
    const applied = await target.apply(change, before, guard, quietContext());
    expect(applied.after).toMatchObject({ work_trees: [{ updated: false }] });
    expect(readFileSync(file, 'utf8')).toBe('just saved by a person');
    expect(await repository.git('show', 'main:a.txt')).toBe('x');
  });

  it('waits while an editor holds the index of the work tree', async () => {
    using repository = await makeGitRepository(start);
    const lock = join(repository.path, '.git/index.lock');
    let held = 0;
    const exec = {
      run: async (request: Parameters<typeof localExec.run>[0]) => {
        const result = await localExec.run(request);
        if (!request.args.includes('update-ref')) return result;
        writeFileSync(lock, '');
        held += 1;
        setTimeout(() => rmSync(lock), 250);
        return result;
      },
    };
    const target = repoConnector.connect({ path: repository.path }, { exec, now: Date.now });
    const change = write([{ path: 'a.txt', content: 'x' }]);
    const { guard } = await target.observe([change], quietContext());
    const before = await target.before(change, guard, quietContext());
    const applied = await target.apply(change, before, guard, quietContext());
    expect(held).toBe(1);
    expect(applied.after).toMatchObject({ work_trees: [{ updated: true }] });
    expect(await repository.git('status', '--porcelain')).toBe('');
  });

  it('keeps to the planned tree and to the target branch', async () => {
    using repository = await makeGitRepository(start);
    const { target } = session(repository.path);
    const change = write([{ path: 'a.txt', content: 'x' }]);
    const { guard } = await target.observe([change], quietContext());
    const before = await target.before(change, guard, quietContext());
    const other = { ...change, inputs: write([{ path: 'a.txt', content: 'y' }]).inputs };
    await expect(target.apply(other, before, guard, quietContext())).rejects.toMatchObject({ code: 'E_PLAN_STALE' });
    const prod = { ...change, inputs: { ...change.inputs, branch: 'prod' } };
    await expect(target.apply(prod, before, guard, quietContext())).rejects.toMatchObject({ effect: 'none' });
    expect(await repository.git('rev-list', '--count', 'main')).toBe('1');
  });

  it('knows a commit that was taken away again as neither applied nor not', async () => {
    using repository = await makeGitRepository(start);
    const { target } = session(repository.path);
    const change = write([{ path: 'a.txt', content: 'x' }]);
    const { guard } = await target.observe([change], quietContext());
    const before = await target.before(change, guard, quietContext());
    await target.apply(change, before, guard, quietContext());
    await repository.git('reset', '--hard', '--quiet', 'HEAD~1');
    const found = await target.reconcile(change, { before, guard, recordedAt: 0 }, quietContext());
    expect(found.answer).toBe('indeterminate');
    await expect(target.apply(change, before, guard, quietContext())).rejects.toMatchObject({ code: 'E_PLAN_STALE' });
  });

  it('takes no other key for its own, though it begins alike or stands in a text', async () => {
    using repository = await makeGitRepository(start);
    const { target } = session(repository.path);
    const change = { ...write([{ path: 'a.txt', content: 'x' }]), idempotencyKey: 'run:1' };
    const { guard } = await target.observe([change], quietContext());
    const before = await target.before(change, guard, quietContext());
    await repository.git('commit', '--quiet', '--allow-empty', '-m', 'other\n\nCountersign-Key: run:10');
    await repository.git('commit', '--quiet', '--allow-empty', '-m', 'Countersign-Key: run:1\n\nquoted');
    const lost = await target.reconcile(change, { before, guard, recordedAt: 0 }, quietContext());
    expect(lost.answer).toBe('not_applied');
    await repository.git('commit', '--quiet', '--allow-empty', '-m', 'own\n\nCountersign-Key: run:1');
    await repository.git('commit', '--quiet', '--allow-empty', '-m', 'later');
    const found = await target.reconcile(change, { before, guard, recordedAt: 0 }, quietContext());
    expect(found).toMatchObject({ answer: 'applied', guard: { commit: await repository.git('rev-parse', 'HEAD~1') } });
  });

  it('writes into a SHA-256 repository', async () => {
    using folder = makeTempFolder();
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', folder.path, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        encoding: 'utf8',
      });
    git('init', '--quiet', '--initial-branch=main', '--object-format=sha256');
    git('commit', '--quiet', '--allow-empty', '-m', 'start');
    await session(folder.path).apply(write([{ path: 'n', content: 'n' }]));
    expect(git('show', 'main:n')).toBe('n');
    expect(git('rev-parse', 'main').trim()).toHaveLength(64);
  });
});

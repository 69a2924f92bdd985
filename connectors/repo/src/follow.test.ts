import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Exec, localExec, type ParsedStep } from '@countersign/connector-kit';
import { type GitRepository, makeGitRepository } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { repoConnector } from './connector.ts';
import { quietContext, session, write } from './fixture/session.ts';

const context = quietContext();
const start = { 'a.txt': 'old\n', 'gone.txt': 'gone\n', 'other.txt': 'other\n', '.gitignore': '*.log\n' };
const change = () =>
  write([
    { path: 'a.txt', content: 'new\n' },
    { path: 'gone.txt', delete: true },
    { path: 'new.log', content: 'made\n' },
  ]);

class Killed extends Error {}

/** Dies before the checkout that follows the branch's move. */
const dying: Exec = {
  run: async (request) => {
    const checkout = request.args.includes('read-tree') && request.args.includes('-u') && !request.args.includes('-n');
    if (checkout) throw new Killed();
    return await localExec.run(request);
  },
};

/** A worker that is killed between the branch's move and the checkout; answers what another one does about it. */
async function takeOver({ path }: GitRepository, step: ParsedStep, meanwhile?: () => unknown) {
  const { target } = session(path);
  const { guard } = await target.observe([step], context);
  const before = await target.before(step, guard, context);
  const worker = repoConnector.connect({ path }, { exec: dying, now: Date.now });
  await expect(worker.apply(step, before, guard, context)).rejects.toBeInstanceOf(Killed);
  await meanwhile?.();
  const found = await target.reconcile(step, { before, guard, recordedAt: 0 }, context);
  expect(found.answer).toBe('applied');
  return await target.verify(step, before, found, context);
}

describe('a checkout that a killed worker left undone', () => {
  it('is finished by verify, and the next plan finds the work tree clean', async () => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    const after = await takeOver(repository, change(), async () => {
      expect(await git('status', '--porcelain')).not.toBe('');
      // Other times, same content.
      utimesSync(join(path, 'other.txt'), 1, 1);
    });
    expect(after).toMatchObject({ work_trees: [{ path, updated: true }] });
    expect(await git('status', '--porcelain')).toBe('');
    expect(readFileSync(join(path, 'a.txt'), 'utf8')).toBe('new\n');
    expect(readFileSync(join(path, 'new.log'), 'utf8')).toBe('made\n');
    expect(await session(path).failing(write([{ path: 'a.txt', content: 'next\n' }]))).toEqual([]);
  });

  const put = (path: string, name: string, text: string) => writeFileSync(join(path, name), text);
  it.each<[string, (repository: GitRepository) => unknown]>([
    ['a file of the change was edited', ({ path }) => put(path, 'a.txt', 'mine\n')],
    ['another file was edited', ({ path }) => put(path, 'other.txt', 'mine\n')],
    ['the new content was written by hand', ({ path }) => put(path, 'a.txt', 'new\n')],
    [
      'something was staged and taken back in the file',
      async ({ path, git }) => {
        put(path, 'other.txt', 'mine\n');
        await git('add', 'other.txt');
        put(path, 'other.txt', 'other\n');
      },
    ],
    ['an ignored file is in the way', ({ path }) => put(path, 'new.log', 'mine\n')],
    ['the branch has moved on', ({ git }) => git('commit', '--quiet', '-m', 'back', '--', 'other.txt', 'a.txt')],
  ])('is left alone where %s, and verify says so', async (_what, meanwhile) => {
    using repository = await makeGitRepository(start);
    const { path, git } = repository;
    const look = async () => ({
      status: await git('status', '--porcelain', '--ignored'),
      index: await git('write-tree'),
      files: ['a.txt', 'gone.txt', 'other.txt'].map((name) => readFileSync(join(path, name), 'utf8')),
    });
    let left: unknown;
    const after = await takeOver(repository, change(), async () => {
      await meanwhile(repository);
      left = await look();
    });
    expect(after).toMatchObject({ work_trees: [{ path, updated: false, next: expect.any(String) }] });
    expect(await look()).toEqual(left);
  });

  it('asks nothing of a work tree that stands elsewhere', async () => {
    using repository = await makeGitRepository(start);
    await repository.git('checkout', '--quiet', '--detach');
    const [applied] = await session(repository.path).apply(change());
    expect(applied?.after).toMatchObject({ work_trees: [] });
    expect(readFileSync(join(repository.path, 'a.txt'), 'utf8')).toBe('old\n');
  });
});

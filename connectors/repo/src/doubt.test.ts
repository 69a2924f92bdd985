import { type Exec, type ExecRequest, type ExecResult, localExec, type ParsedStep } from '@countersign/connector-kit';
import { makeGitRepository } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { repoConnector } from './connector.ts';
import { quietContext, write } from './fixture/session.ts';

const context = quietContext();
const killed = { code: null, signal: 'SIGKILL' };
const asks = (request: ExecRequest, ...words: string[]) => words.every((word) => request.args.includes(word));

/** Git on this machine with `after` called between a command's end and its answer. */
function watched(after: (request: ExecRequest, result: ExecResult) => Promise<ExecResult>): Exec {
  return { run: async (request) => await after(request, await localExec.run(request)) };
}

function connect(path: string, exec: Exec = localExec) {
  return repoConnector.connect({ path }, { exec, now: Date.now });
}

async function intend(path: string, step: ParsedStep) {
  const { guard } = await connect(path).observe([step], context);
  return { before: await connect(path).before(step, guard, context), guard, recordedAt: 0 };
}

describe('an apply whose end nobody saw', () => {
  it('leads to a look at the branch when git is killed after the transaction', async () => {
    using repository = await makeGitRepository({ a: 'a' });
    const { path } = repository;
    const step = write([{ path: 'a', content: 'b' }]);
    const intent = await intend(path, step);
    const exec = watched(async (request, result) => (asks(request, 'update-ref') ? { ...result, ...killed } : result));
    const applied = connect(path, exec).apply(step, intent.before, intent.guard, context);
    await expect(applied).rejects.toMatchObject({ effect: 'maybe' });
    expect((await connect(path).reconcile(step, intent, context)).answer).toBe('applied');
  });

  it.each(['refs/heads/main', 'refs/countersign/'])('is in doubt when %s cannot be read back', async (ref) => {
    using repository = await makeGitRepository({ a: 'a' });
    const { path } = repository;
    const step = write([{ path: 'a', content: 'b' }]);
    const intent = await intend(path, step);
    let started = false;
    const exec: Exec = {
      run: async (request) => {
        if (asks(request, 'update-ref')) {
          started = true;
          return { ...(await localExec.run({ ...request, args: ['--version'] })), code: 1 };
        }
        const result = await localExec.run(request);
        const reads = asks(request, 'for-each-ref') && request.args.at(-1)?.startsWith(ref) === true;
        return started && reads ? { ...result, ...killed } : result;
      },
    };
    const applied = connect(path, exec).apply(step, intent.before, intent.guard, context);
    await expect(applied).rejects.toMatchObject({ effect: 'maybe' });
  });

  it('has no effect, and says so, where git refused and the refs prove it', async () => {
    using repository = await makeGitRepository({ a: 'a' });
    const { path } = repository;
    const step = write([{ path: 'a', content: 'b' }]);
    const intent = await intend(path, step);
    const exec: Exec = {
      run: async (request) =>
        asks(request, 'update-ref')
          ? { ...(await localExec.run({ ...request, args: ['--version'] })), code: 1 }
          : await localExec.run(request),
    };
    const applied = connect(path, exec).apply(step, intent.before, intent.guard, context);
    await expect(applied).rejects.toMatchObject({ code: 'E_TARGET_REFUSED', effect: 'none' });
    expect((await connect(path).reconcile(step, intent, context)).answer).toBe('not_applied');
  });
});

it('a second apply of a step answers its first commit, and refuses where that was rewritten', async () => {
  using repository = await makeGitRepository({ a: 'a' });
  const { path, git } = repository;
  const step = write([{ path: 'a', content: 'b' }]);
  const intent = await intend(path, step);
  const first = await connect(path).apply(step, intent.before, intent.guard, context);
  expect(await connect(path).apply(step, intent.before, intent.guard, context)).toEqual(first);
  expect(await git('rev-list', '--count', 'main')).toBe('2');
  await repository.commit({ a: 'c' });
  const message = await git('log', '-1', '--format=%B', 'main~1');
  await git('reset', '--quiet', '--soft', 'main~2');
  await git('commit', '--quiet', '-m', message);
  const again = connect(path).apply(step, intent.before, intent.guard, context);
  await expect(again).rejects.toMatchObject({ code: 'E_PLAN_STALE', effect: 'maybe' });
  expect(await git('rev-list', '--count', 'main')).toBe('2');
});

describe('an earlier attempt of the same step that goes on by itself', () => {
  it.each([
    ['the look for the snapshot', (request: ExecRequest) => asks(request, 'for-each-ref', 'refs/heads/main')],
    ['the look at the work trees', (request: ExecRequest) => asks(request, 'worktree')],
    ['the move of the branch', (request: ExecRequest) => asks(request, 'commit-tree')],
  ])('is the answer when it ends before %s', async (_when, now) => {
    using repository = await makeGitRepository({ a: 'a' });
    const { path, git } = repository;
    const step = write([{ path: 'a', content: 'b' }]);
    const intent = await intend(path, step);
    let done = false;
    const exec = watched(async (request, result) => {
      if (done || !now(request)) return result;
      done = true;
      await connect(path).apply(step, intent.before, intent.guard, context);
      // Another commit on top: the branch is not on the step's commit, but past it.
      await git('commit', '--quiet', '--allow-empty', '-m', 'later');
      return result;
    });
    const applied = await connect(path, exec).apply(step, intent.before, intent.guard, context);
    const own = await git('rev-parse', 'main~1');
    expect(applied).toMatchObject({ after: { commit: own }, guard: { commit: own } });
    expect(await git('rev-list', '--count', 'main')).toBe('3');
    const found = await connect(path).reconcile(step, intent, context);
    expect(found).toMatchObject({ answer: 'applied', after: { commit: own } });
    await connect(path).verify(step, intent.before, applied, context);
  });
});

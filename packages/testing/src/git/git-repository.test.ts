import { expect, it } from 'vitest';
import { makeGitRepository } from './git-repository.ts';

it('makes a real repository whose commit ids depend on nothing but the files', async () => {
  using first = await makeGitRepository({ 'README.md': 'hello\n', 'src/a.ts': 'a\n' });
  using second = await makeGitRepository({ 'README.md': 'hello\n', 'src/a.ts': 'a\n' });
  expect(await first.git('rev-parse', 'main')).toBe(await second.git('rev-parse', 'main'));
  const changed = await first.commit({ 'src/a.ts': 'b\n' }, 'b');
  expect(await first.git('show', `${changed}:src/a.ts`)).toBe('b');
  expect(await first.git('status', '--porcelain')).toBe('');
  expect(changed).not.toBe(await second.git('rev-parse', 'main'));
});

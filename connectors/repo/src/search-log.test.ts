import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeGitRepository } from '@countersign/testing';
import { expect, it } from 'vitest';
import { session } from './fixture/session.ts';

const start = {
  'src/a.ts': 'const one = 1;\nconst ONE = one; // a.b\n',
  'src/b.ts': 'no such thing\naxb\n',
  'docs/ü.md': 'größe ONE\r\n',
  'secrets/key': 'one hidden\n',
};

it('repo.search finds texts and patterns in the allowed text files of a commit', async () => {
  using repository = await makeGitRepository(start);
  writeFileSync(join(repository.path, 'bin'), Buffer.from('one\0one\n'));
  writeFileSync(join(repository.path, 'latin1.txt'), Buffer.from('gr\xf6\xdfe one\n', 'latin1'));
  const first = await repository.git('rev-parse', 'main');
  await repository.commit({ 'src/c.ts': 'const one = 3;\n' });
  writeFileSync(join(repository.path, 'src/untracked.ts'), 'one\n');
  const { read } = session(repository.path, { deny: ['secrets/**'] });
  const hits = async (inputs: object) => {
    const { summary, artifacts } = await read('repo.search', inputs);
    const rows = Buffer.from(artifacts[0]?.content ?? '')
      .toString('utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(summary['hits']).toEqual(rows);
    return rows.map(({ path, line, column }) => `${path}:${line}:${column}`);
  };
  expect(await hits({ query: 'one' })).toEqual(['latin1.txt:1:7', 'src/a.ts:1:7', 'src/a.ts:2:13', 'src/c.ts:1:7']);
  expect(await hits({ query: 'one', ref: first })).toEqual(['src/a.ts:1:7', 'src/a.ts:2:13']);
  expect(await hits({ query: 'a.b' })).toEqual(['src/a.ts:2:21']);
  expect(await hits({ query: 'a.b', regex: true })).toEqual(['src/a.ts:2:21', 'src/b.ts:2:1']);
  expect(await hits({ query: 'GRÖSSE|größe', regex: true, ignore_case: true })).toEqual(['docs/ü.md:1:1']);
  expect(await hits({ query: 'GRÖß', ignore_case: true })).toEqual(['docs/ü.md:1:1']);
  expect(await hits({ query: 'one', path: 'src' })).toEqual(['src/a.ts:1:7', 'src/a.ts:2:13', 'src/c.ts:1:7']);
  expect(await hits({ query: '--open-files-in-pager=touch' })).toEqual([]);
  expect(await hits({ query: '-e', path: 'src/a.ts' })).toEqual([]);
  const cut = await read('repo.search', { query: 'one', limit: 1 });
  expect(cut).toMatchObject({ summary: { count: 1, truncated: true, files: 1 }, artifacts: [{ truncated: true }] });
  await expect(read('repo.search', { query: 'one', path: 'secrets' })).rejects.toMatchObject({
    code: 'E_TARGET_REFUSED',
  });
  await expect(read('repo.search', { query: '(', regex: true })).rejects.toMatchObject({ code: 'E_TARGET_REFUSED' });
});

it('repo.log lists commits with who, when and why, by path, ref and time', async () => {
  using repository = await makeGitRepository(start);
  const first = await repository.git('rev-parse', 'main');
  const second = await repository.commit({ 'src/c.ts': 'c\n' }, 'add c\n\nBecause of d.');
  const third = await repository.commit({ 'docs/d.md': 'd\n' }, 'add d');
  const { read } = session(repository.path, { deny: ['secrets/**'] });
  const { summary, artifacts } = await read('repo.log', {});
  const rows = Buffer.from(artifacts[0]?.content ?? '')
    .toString('utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(rows.map(({ commit }) => commit)).toEqual([third, second, first]);
  const person = { name: 'Test Author', email: 'author@example.test', at: '2026-01-01T00:00:00+00:00' };
  expect(rows[1]).toMatchObject({
    parents: [first],
    subject: 'add c',
    message: 'add c\n\nBecause of d.',
    author: person,
    committer: person,
  });
  expect(summary).toMatchObject({ count: 3, commit: third, truncated: false });
  const commits = async (inputs: object) => {
    const found = await read('repo.log', inputs);
    return { count: found.summary['count'], truncated: found.summary['truncated'] };
  };
  expect(await commits({ limit: 2 })).toEqual({ count: 2, truncated: true });
  expect(await commits({ path: 'src' })).toEqual({ count: 2, truncated: false });
  expect(await commits({ ref: second })).toEqual({ count: 2, truncated: false });
  expect(await commits({ since: '2026-01-02T00:00:00Z' })).toEqual({ count: 0, truncated: false });
  expect(await commits({ since: '2025-12-31T00:00:00Z' })).toEqual({ count: 3, truncated: false });
  await expect(read('repo.log', { path: 'secrets/key' })).rejects.toMatchObject({ code: 'E_TARGET_REFUSED' });
});

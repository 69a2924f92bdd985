import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeGitRepository } from '@countersign/testing';
import { expect, it } from 'vitest';
import { session } from './fixture/session.ts';

const start = { 'a.txt': 'one\n', 'src/b.ts': 'b\n', 'secrets/key': 'hidden\n' };
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8');

it('reads a file of any commit, cut where asked', async () => {
  using repository = await makeGitRepository(start);
  const first = await repository.git('rev-parse', 'main');
  await repository.commit({ 'a.txt': 'two and more\n' });
  const { read } = session(repository.path);
  expect(text((await read('repo.file', { path: 'a.txt', ref: first })).artifacts[0]?.content)).toBe('one\n');
  const cut = await read('repo.file', { path: 'a.txt', max_bytes: 3 });
  expect(cut).toMatchObject({
    summary: { size_bytes: 13, truncated: true, ref: 'main' },
    artifacts: [{ truncated: true }],
  });
  expect(text(cut.artifacts[0]?.content)).toBe('two');
});

it('gives nothing that is outside the allowlist, by no action', async () => {
  using repository = await makeGitRepository(start);
  await repository.commit({ 'secrets/key': 'more hidden\n', 'a.txt': 'two\n' });
  writeFileSync(join(repository.path, 'secrets/key'), 'uncommitted hidden\n');
  const { read } = session(repository.path, { deny: ['secrets/**'] });
  await expect(read('repo.file', { path: 'secrets/key' })).rejects.toMatchObject({ code: 'E_TARGET_REFUSED' });
  await expect(read('repo.file', { path: 'Secrets/key' })).rejects.toMatchObject({ code: 'E_TARGET_REFUSED' });
  for (const [action, inputs] of [
    ['repo.tree', { recursive: true }],
    ['repo.tree', { path: 'secrets' }],
    ['repo.status', {}],
    ['repo.diff', {}],
    ['repo.diff', { paths: ['secrets'] }],
    ['repo.diff', { paths: ['secrets/key'] }],
  ] as const) {
    const { summary, artifacts } = await read(action, inputs);
    expect(JSON.stringify(summary)).not.toMatch(/secrets\/key|hidden/);
    expect(artifacts.map((each) => text(each.content)).join('')).not.toMatch(/secrets\/key|hidden/);
  }
});

it('lists folders, follows no link', async () => {
  using repository = await makeGitRepository(start);
  symlinkSync('/etc/passwd', join(repository.path, 'link'));
  await repository.commit({});
  const { read } = session(repository.path);
  const { summary } = await read('repo.tree', {});
  expect(summary).toMatchObject({ count: 4 });
  expect(summary['entries']).toMatchObject([
    { path: 'a.txt', type: 'file', size_bytes: 4 },
    { path: 'link', type: 'symlink' },
    { path: 'secrets', type: 'folder' },
    { path: 'src', type: 'folder' },
  ]);
  expect((await read('repo.tree', { path: 'src' })).summary['entries']).toMatchObject([{ path: 'src/b.ts' }]);
  await expect(read('repo.file', { path: 'link' })).rejects.toMatchObject({ code: 'E_TARGET_REFUSED' });
  await expect(read('repo.tree', { path: 'a.txt' })).rejects.toMatchObject({ code: 'E_TARGET_REFUSED' });
  await expect(read('repo.tree', { path: 'none' })).rejects.toMatchObject({ code: 'E_TARGET_MISSING' });
});

it('shows the status and the difference of two commits', async () => {
  using repository = await makeGitRepository(start);
  const first = await repository.git('rev-parse', 'main');
  const { read } = session(repository.path);
  expect((await read('repo.diff', {})).summary).toMatchObject({ from: null, count: 3 });
  await repository.commit({ 'a.txt': 'two\n' });
  await repository.commit({ 'src/b.ts': 'c\n' });
  const { summary, artifacts } = await read('repo.diff', { from: first, paths: ['src'] });
  expect(summary).toMatchObject({ from: first, files: [{ path: 'src/b.ts', status: 'M' }] });
  expect(text(artifacts[0]?.content)).toContain('-b\n+c\n');
  expect((await read('repo.status', {})).summary).toMatchObject({ work_tree: 'clean', checked_out_in: 1, count: 0 });
  writeFileSync(join(repository.path, 'a.txt'), 'dirty');
  writeFileSync(join(repository.path, 'new file'), 'new');
  expect((await read('repo.status', {})).summary).toMatchObject({
    work_tree: 'dirty',
    changes: [
      { path: 'a.txt', state: '.M' },
      { path: 'new file', state: '??' },
    ],
  });
});

it('finds the repository at its path only, not above', async () => {
  using repository = await makeGitRepository(start);
  const inside = session(join(repository.path, 'src'));
  await expect(inside.read('repo.status', {})).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE' });
  await expect(session('/nonexistent').read('repo.status', {})).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE' });
  const ownFolder = session(join(repository.path, '.git'));
  await expect(ownFolder.read('repo.status', {})).rejects.toMatchObject({ code: 'E_TARGET_UNREACHABLE' });
  const elsewhere = session(repository.path, { branch: 'nowhere' });
  expect((await elsewhere.read('repo.status', {})).summary).toMatchObject({ branch: 'nowhere', commit: null });
  await expect(elsewhere.read('repo.tree', {})).rejects.toThrow(/nowhere/);
});

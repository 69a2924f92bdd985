import type { RepositoryStatus } from '@countersign/protocol';
import { RepositoryContext, RepositoryTree } from '@countersign/protocol';
import { makeGitRepository } from '@countersign/testing';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer } from './harness/describe-server.ts';
import { expectRefused } from './harness/refused.ts';
import { expectEnvelope, send } from './harness/send.ts';

const files = {
  'README.md': '# shop\n',
  'src/app.ts': 'export const port = 80;\n',
  'src/deep/other.ts': 'const PORT = 80;\n',
  'keys/hidden.txt': 'nobody reads port\n',
  'leaked.env': 'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nport=1\n',
};
const limited = await makeGitRepository(files);
const config = { path: limited.path, deny: ['keys/**'] };
const targets = [{ name: 'limited', project: 'shop', environment: 'locked', tier: 'dev', connector: 'repo', config }];
const params = { target: 'limited' };

describeServer('repository reads', { targets }, (stage) => {
  it('tree, file, search, diff and status answer by name, each as one audited read (OR-3)', async () => {
    const { alice } = stage();
    const tree = await alice.client.call('repositoryTree', { params, query: { recursive: true } });
    expect(tree.entries.filter(({ type }) => type === 'file').map(({ path }) => path)).toEqual([
      'README.md',
      'leaked.env',
      'src/app.ts',
      'src/deep/other.ts',
    ]);
    expect(tree).toMatchObject({ target: 'limited', ref: 'main', recursive: true, truncated: false });
    const folder = await alice.client.call('repositoryTree', { params, query: { path: 'src' } });
    expect(folder.entries.map(({ path, type }) => `${type} ${path}`)).toEqual(['file src/app.ts', 'folder src/deep']);
    const file = await alice.client.call('repositoryFile', { params, query: { path: 'src/app.ts' } });
    expect(file).toMatchObject({ encoding: 'utf8', content: files['src/app.ts'], size_bytes: 24, binary: false });
    const found = await alice.client.call('repositorySearch', { params, query: { query: 'port', ignore_case: true } });
    expect(found.hits.map(({ path, line }) => `${path}:${line}`)).toEqual([
      'leaked.env:2',
      'src/app.ts:1',
      'src/deep/other.ts:1',
    ]);
    const diff = await alice.client.call('repositoryDiff', { params, query: { path: 'src' } });
    expect(diff).toMatchObject({
      from: null,
      count: 2,
      encoding: 'utf8',
      patch: expect.stringContaining('+const PORT'),
    });
    const status = await alice.client.call('repositoryStatus', { params });
    expect(status).toMatchObject({ branch: 'main', deny: ['keys/**'], work_tree: 'clean', changes: [] });
    for (const { op_id: opId } of [tree, file, found, diff, status]) {
      const entries = await auditEntries(stage(), { subject: opId });
      expect(entries).toMatchObject([{ event: 'read.done', outcome: 'ok' }]);
    }
  });

  it("the source's own addresses answer the same, with the bearer alone (OR-3)", async () => {
    const { url, alice } = stage();
    const get = (path: string, headers = {}) => send(url, { path, token: alice.token, headers });
    const tree = RepositoryTree.parse(await (await get('/tree?target=limited&recursive=true')).json());
    const { op_id: _op, run_id: _run, artifact_id: _kept, ...facts } = tree;
    expect(await alice.client.call('repositoryTree', { params, query: { recursive: true } })).toMatchObject(facts);
    const context = RepositoryContext.parse(await (await get('/ui/status?environment=locked')).json());
    expect(context).toMatchObject({
      active_repository: { name: 'limited', environment: 'locked' },
      status: { branch: 'main' } satisfies Partial<RepositoryStatus>,
      allowlist: { allow: ['**'], deny: ['keys/**'] },
    });
    for (const path of [
      '/file?target=limited&path=README.md',
      '/search?target=limited&query=port',
      '/diff?target=limited',
      '/status?target=limited',
    ]) {
      const answer = await get(path, { cookie: 'session=of-somebody', origin: 'https://elsewhere.example' });
      expect(`${path} ${answer.status}`).toBe(`${path} 200`);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      await answer.body?.cancel();
      const cookieOnly = await send(url, { path, headers: { cookie: `token=${alice.token}` } });
      await expectEnvelope(cookieOnly, { code: 'E_AUTH_REQUIRED', status: 401 });
    }
  });

  it('secrets are masked, hidden paths stay hidden, and what is foreign looks like what is missing (OR-3)', async () => {
    const { alice } = stage();
    const leaked = await alice.client.call('repositoryFile', { params, query: { path: 'leaked.env' } });
    expect(leaked.content).not.toContain('AKIAIOSFODNN7EXAMPLE');
    const found = await alice.client.call('repositorySearch', { params, query: { query: 'AKIA' } });
    expect(JSON.stringify(found.hits)).not.toContain('AKIAIOSFODNN7EXAMPLE');
    const file = (path: string) => alice.client.call('repositoryFile', { params, query: { path } });
    const hidden = await expectRefused(file('keys/hidden.txt'), 'E_VALIDATION');
    const absent = await expectRefused(file('keys/absent.txt'), 'E_VALIDATION');
    expect(hidden.message.replace('hidden', 'absent')).toBe(absent.message);
    const missing = await expectRefused(file('no/such.txt'), 'E_NOT_FOUND');
    expect(missing.status).toBe(404);
    const other = (target: string) => alice.client.call('repositoryStatus', { params: { target } });
    expect((await expectRefused(other('nowhere'), 'E_NOT_FOUND')).status).toBe(404);
    const entries = await auditEntries(stage(), { event: 'read.done' });
    expect(entries.some(({ outcome }) => outcome === 'failed')).toBe(true);
  });

  it('which repository is meant is never guessed (OR-3)', async () => {
    const { url, alice } = stage();
    const { error } = await expectEnvelope(await send(url, { path: '/ui/status', token: alice.token }), {
      code: 'E_TARGET_AMBIGUOUS',
      status: 422,
      field: 'environment',
    });
    expect(error.detail?.['choices']).toHaveLength(4);
  });

  it('what is cut says so (OR-3)', async () => {
    const cut = await stage().alice.client.call('repositoryFile', {
      params,
      query: { path: 'src/app.ts', max_bytes: 6 },
    });
    expect(cut).toMatchObject({ content: 'export', truncated: true, size_bytes: 24 });
    const one = await stage().alice.client.call('repositorySearch', { params, query: { query: '80', limit: 1 } });
    expect(one).toMatchObject({ count: 1, truncated: true });
  });
});

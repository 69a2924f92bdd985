import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, type TargetAddRequest } from '@countersign/protocol';
import { type GitRepository, makeGitRepository, runCountersign, waitUntil } from '@countersign/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeServer } from './harness/describe-server.ts';
import { digestOf, propose, runToEnd, show } from './harness/flow.ts';
import { refusal } from './harness/refused.ts';

const accept = [
  {
    connector: 'repo',
    settings: { path: ['/tmp/**'], branch: ['main'] },
    actions: ['repo.status', 'repo.write_files'],
  },
];

describeServer('targets without a restart', { config: { worker: { accept } } }, (stage) => {
  let added: GitRepository;
  let other: GitRepository;
  beforeAll(async () => {
    added = await makeGitRepository({ 'README.md': '# added\n' });
    other = await makeGitRepository({ 'README.md': '# other\n' });
  });
  afterAll(() => {
    added.remove();
    other.remove();
  });
  const workerName = async (): Promise<string> => {
    const { workers } = await stage().admin.client.call('workerList');
    return workers[0]?.worker ?? '';
  };
  const request = async (name: string, change: Partial<TargetAddRequest> = {}): Promise<TargetAddRequest> => ({
    ...{ name, project: 'later', environment: 'dev', connector: 'repo', worker: await workerName() },
    settings: { path: added.path, branch: 'main' },
    ...change,
  });
  const test = (target: string) => stage().alice.client.call('targetTest', { params: { target }, body: {} });
  const write = (target: string, file: string) =>
    propose(stage().alice.client, {
      target,
      steps: [{ action: 'repo.write_files', inputs: { message: 'm', files: [{ path: file, content: 'x\n' }] } }],
    });

  it('a target is added, tested, used, changed and removed while the server runs, each in the log (DO-1)', async () => {
    const { admin, alice } = stage();
    const made = await admin.client.call('targetAdd', { body: await request('later-dev') });
    expect(made).toMatchObject({ revision: 1, tier: 'dev', settings: { path: added.path } });
    expect(await test('later-dev')).toMatchObject({ status: 'ready', workers: [{ looked_at: expect.any(Number) }] });
    expect((await runToEnd(alice.client, await write('later-dev', 'one.txt'))).run?.state).toBe('succeeded');
    expect(await added.git('show', 'main:one.txt')).toBe('x');
    const left = { action: 'repo.tree', target: 'later-dev', inputs: {}, request_id: `left-${stage().dialect}` };
    expect((await refusal(alice.client.call('actionExecute', { body: left }))).code).toBe('E_WORKER_UNAVAILABLE');

    // A plan of the one system does not run at another that got its settings.
    const planned = await write('later-dev', 'two.txt');
    const params = { target: 'later-dev' };
    const change = { settings: { path: other.path, branch: 'main' }, revision: 1 };
    expect(await admin.client.call('targetChange', { params, body: change })).toMatchObject({ revision: 2 });
    expect((await refusal(admin.client.call('targetChange', { params, body: change }))).code).toBe('E_REVISION');
    expect(await test('later-dev')).toMatchObject({ status: 'ready' });
    const stale = await runToEnd(alice.client, planned);
    expect(stale.run).toMatchObject({ state: 'failed', failure: { code: 'E_PLAN_STALE' } });
    expect(await other.git('rev-list', '--count', 'main')).toBe('1');
    expect((await runToEnd(alice.client, await write('later-dev', 'three.txt'))).run?.state).toBe('succeeded');
    expect(await other.git('show', 'main:three.txt')).toBe('x');

    const waiting = await write('later-dev', 'four.txt');
    await admin.client.call('targetRemove', { params });
    const body = { op_id: waiting.op_id, digest: digestOf(waiting) };
    await alice.client.call('opsExecute', { body }).catch((error: unknown) => expect(error).toBeInstanceOf(CodedError));
    // The same name in a tier that asks for more care: what was approved for dev is not begun there.
    const prod = await request('later-dev', { environment: 'prod', settings: { path: other.path, branch: 'main' } });
    await admin.client.call('targetAdd', { body: prod });
    await waitUntil('it is served', async () => (await test('later-dev')).status === 'ready');
    const ended = await waitUntil('the run has ended', async () => {
      const operation = await show(alice.client, waiting.op_id);
      return operation.run === null || operation.state === 'closed' ? operation : false;
    });
    expect(['failed', undefined]).toContain(ended.run?.state);
    expect(await other.git('ls-tree', '--name-only', 'main')).not.toContain('four.txt');
    await admin.client.call('targetRemove', { params });
    expect((await refusal(test('later-dev'))).code).toBe('E_NOT_FOUND');

    const { entries } = await admin.client.call('audit', { query: { limit: 500 } });
    const events = entries.map(({ event }) => event).filter((event) => event.startsWith('target.'));
    expect(new Set(events)).toEqual(new Set(['target.added', 'target.changed', 'target.removed', 'target.tested']));
  });

  it('a worker takes what its own file lets in, and says what it misses; the server takes no secret', async () => {
    const { admin } = stage();
    const odd = async (name: string, settings: TargetAddRequest['settings'], connector = 'repo') => {
      await admin.client.call('targetAdd', { body: await request(name, { settings, connector }) });
      const found = await test(name);
      await admin.client.call('targetRemove', { params: { target: name } });
      expect(found.status).toBe('unavailable');
      return found.workers[0]?.message ?? '';
    };
    expect(await odd('outside', { path: '/etc' })).toContain('path: /etc');
    expect(await odd('dots', { path: '/tmp/../etc' })).toContain('path: /tmp/../etc');
    expect(await odd('more', { path: added.path, keep_snapshots: 1 })).toContain('keep_snapshots: 1');
    expect(await odd('place', { path: { secret_file: '/etc/shadow' } })).toContain('file:/etc/shadow');
    expect(await odd('docks', { socket: '/var/run/docker.sock' }, 'docker')).toContain('worker.accept');
    const secret = await request('leaky', { settings: { path: added.path, password: 'correct-horse-battery-9' } });
    expect(await refusal(admin.client.call('targetAdd', { body: secret }))).toMatchObject({
      code: 'E_VALIDATION',
      detail: { field: '/settings/password', next: expect.stringContaining('secret_file') },
    });
    const twice = await request('shop-dev');
    expect((await refusal(admin.client.call('targetAdd', { body: twice }))).code).toBe('E_STATE');
    const fixed = { params: { target: 'shop-dev' } };
    expect(await refusal(admin.client.call('targetRemove', fixed))).toMatchObject({
      code: 'E_STATE',
      message: expect.stringContaining('countersign.yaml'),
    });
    const nobody = await request('nobody', { worker: 'nobody' });
    expect(await refusal(admin.client.call('targetAdd', { body: nobody }))).toMatchObject({
      detail: { field: '/worker', choices: [await workerName()] },
    });
  });

  it('by the command line: add, test, set, rm', async () => {
    const folder = join(stage().dataDir, 'cli');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'admin'), stage().admin.token);
    const cli = (...args: string[]) =>
      runCountersign(['targets', ...args, '--token-file', join(folder, 'admin'), '--server', stage().url], {
        cwd: folder,
      });
    const place = ['--project', 'later', '--environment', 'dev', '--connector', 'repo', '--worker', await workerName()];
    const add = await cli('add', 'by-hand', ...place, '--set', `path=${added.path}`, '--set', 'branch=main');
    expect(add.code, add.stderr).toBe(0);
    expect((await cli('test', 'by-hand')).code).toBe(0);
    expect((await cli('set', 'by-hand', '--set', 'path=/etc')).code).toBe(0);
    const bad = await cli('test', 'by-hand');
    expect([bad.code, bad.stdout]).toEqual([1, expect.stringContaining('/etc')]);
    expect((await cli('ls')).stdout).toContain('by-hand');
    expect((await cli('rm', 'by-hand')).code).toBe(0);
    expect((await cli('ls')).stdout).not.toContain('by-hand');
  }, 120_000);

  it('the command line says at once whether an added target works, and what to type where it does not', async () => {
    const { admin } = stage();
    const env = { COUNTERSIGN_SERVER: stage().url, COUNTERSIGN_TOKEN: admin.token, npm_command: 'exec' };
    const cli = (...args: string[]) => runCountersign([...args, '--no-input'], { env });
    const place = ['--project', 'later', '--environment', 'dev', '--worker', await workerName()];
    const add = (name: string, connector: string, ...settings: string[]) =>
      cli('targets', 'add', name, '--connector', connector, ...place, ...settings.flatMap((each) => ['--set', each]));

    const good = await add('typed', 'repo', `path=${added.path}`, 'branch=main');
    expect(good).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Added typed'),
      stderr: expect.stringContaining('ready'),
    });
    const bad = await add('typed-docks', 'docker', 'socket=/nowhere.sock');
    expect(bad).toMatchObject({ code: 0, stdout: expect.stringContaining('Added typed-docks') });
    expect(bad.stderr).toContain('takes no docker targets');
    expect(bad.stderr).toMatch(/worker\.accept in \S+/);
    expect(bad.stderr).toContain('npx countersign targets test typed-docks');

    const near = await cli('do', 'repo.status', '--target', 'tpyed');
    expect(near).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean: typed') });
    const begun = await cli('do', 'repo.write', '--target', 'typed');
    expect(begun).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean repo.write_files?') });
    for (const name of ['typed', 'typed-docks']) expect((await cli('targets', 'rm', name)).code).toBe(0);
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperationView } from '@countersign/protocol';
import { type CountersignResult, makeTempFolder, runCountersign } from '@countersign/testing';
import { expect, it } from 'vitest';
import { verified } from './harness/bundle.ts';
import { withPeople } from './harness/describe-server.ts';
import { anchored, confirm, propose, runToEnd, show, writeFiles } from './harness/flow.ts';
import { type Dialect, openServer } from './harness/open-server.ts';

const root = join(import.meta.dirname, '../..');

it.each<Dialect>(['sqlite', 'postgres'])(
  "a change over several files of a clone of this project goes the whole way by CLI and by HTTP, with the CLI's exit codes and its local audit [%s] (CP-9, CP-10, DO-16)",
  async (dialect) => {
    using folder = makeTempFolder();
    const clone = join(folder.path, 'clone');
    execFileSync('git', ['clone', '--quiet', '--no-local', root, clone], { stdio: 'pipe' });
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', clone, ...args], { encoding: 'utf8', maxBuffer: 1e8 });
    const branch = git('rev-parse', '--abbrev-ref', 'HEAD').trim();
    const own = { name: 'own', project: 'own', environment: 'dev', connector: 'repo', config: { path: clone, branch } };
    const server = await withPeople(await openServer(dialect, { targets: [own] }));
    try {
      const data = join(folder.path, 'cli');
      const env = { COUNTERSIGN_SERVER: server.url, COUNTERSIGN_TOKEN: server.alice.token, COUNTERSIGN_DATA_DIR: data };
      const cli = (...args: string[]): Promise<CountersignResult> =>
        runCountersign([...args, '--no-input'], { env, cwd: folder.path });
      const write = (target: string, file: string) =>
        ['repo.write_files', '--target', target, '--write', `${file}=hello`, '-m', 'Say hello', '--json'] as const;

      const before = git('rev-parse', 'HEAD').trim();
      const change = { 'README.md': 'changed\n', 'notes/a.md': '# a\n', 'biome.json': null };
      const planned = await propose(server.alice.client, { ...writeFiles('dev', change), target: 'own' });
      await runToEnd(server.alice.client, planned);
      expect(git('rev-parse', 'HEAD^').trim()).toBe(before);
      for (const { path, patch } of planned.diffs) {
        const made = git('diff-tree', '--no-commit-id', '-p', '--full-index', '--no-renames', 'HEAD', '--', path);
        expect(patch.trimEnd()).toBe(made.trimEnd());
      }
      await anchored(server.alice.client, planned.op_id);
      expect((await verified(server.alice.client, planned.bundle_id)).state).toBe('pass');

      const done = await cli('do', ...write('own', 'notes/b.md'), '--write', 'notes/c.md=there', '--yes');
      expect(done.code, done.stderr).toBe(0);
      const view = OperationView.parse(JSON.parse(done.stdout));
      expect(view).toMatchObject({ status: 'succeeded', target: { name: 'own' } });
      expect(git('show', 'HEAD:notes/c.md').trim()).toBe('there');
      expect(git('diff-tree', '-r', '--no-commit-id', '--name-only', 'HEAD').trim().split('\n')).toEqual(
        view.diffs.map(({ path }) => path).sort(),
      );
      expect(git('status', '--porcelain')).toBe('');
      git('fsck', '--strict', '--no-dangling');
      await anchored(server.alice.client, view.op_id);
      const got = await cli('evidence', 'get', view.bundle_id, '--out', join(folder.path, 'bundle'));
      expect(got.code, got.stderr).toBe(0);
      const offline = await cli('verify', join(folder.path, 'bundle'));
      expect(offline.code, offline.stdout + offline.stderr).toBe(0);

      const waits = await cli('do', ...write('shop-prod', 'w.txt'), '--yes');
      expect(waits.code, waits.stderr).toBe(5);
      expect(OperationView.parse(JSON.parse(waits.stdout)).display).toBe('waiting_approval');
      expect(
        (await cli('do', 'repo.write_files', '--target', 'no-such', '-m', 'm', '--write', 'a=b', '--yes')).code,
      ).toBe(2);
      const { op_id } = OperationView.parse(JSON.parse(waits.stdout));
      expect((await cli('approve', op_id, '--yes')).code).toBe(3);
      const moving = await propose(server.alice.client, writeFiles('stage', { 's.txt': 's\n' }));
      await confirm(server.alice.client, moving);
      await server.repos.stage.commit({ 'moved.txt': 'm\n' });
      expect((await cli('start', moving.op_id, '--yes')).code).toBe(4);
      expect((await show(server.alice.client, moving.op_id)).display).toBe('stale');

      const audit = join(data, 'local-audit.jsonl');
      expect(existsSync(audit)).toBe(true);
      const lines = readFileSync(audit, 'utf8');
      for (const id of [view.op_id, view.bundle_id, moving.op_id]) expect(lines).toContain(id);
      const chain = await cli('audit', 'verify', '--local');
      expect(chain.code, chain.stderr).toBe(0);
    } finally {
      await server.close();
    }
  },
  120_000,
);

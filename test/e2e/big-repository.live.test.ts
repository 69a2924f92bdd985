import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@countersign/client';
import type { OperationView, ProposeRequest } from '@countersign/protocol';
import { makeTempFolder, runCountersign, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { withPeople } from './harness/describe-server.ts';
import { confirm, digestOf, propose, show } from './harness/flow.ts';
import { openServer } from './harness/open-server.ts';

const source = join(import.meta.dirname, '../../.cache/debian-source/php8.2');
const patchedFiles = 300;
const planLimitMs = 3000;

/** Commits the source package, as its authors wrote it, into a new repository. */
function makeRepository(path: string) {
  const archive = existsSync(source) ? readdirSync(source).find((name) => /\.orig\.tar\.\w+$/.test(name)) : undefined;
  if (archive === undefined)
    throw new Error('there is no source package: run "bash scripts/fetch-debian-source.sh php8.2"');
  mkdirSync(path);
  execFileSync('tar', ['-xf', join(source, archive), '-C', path, '--strip-components=1']);
  const git = (...args: string[]): string =>
    execFileSync(
      'git',
      ['-C', path, '-c', 'core.autocrlf=false', '-c', 'user.name=x', '-c', 'user.email=x@x', ...args],
      {
        encoding: 'latin1',
        maxBuffer: 1e9,
      },
    ).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all', '--force');
  git('-c', 'gc.auto=0', 'commit', '--quiet', '-m', archive);
  // Else git would pack 22,000 new objects in the background, while the plan is measured.
  git('gc', '--quiet');
  return { archive, git };
}

/** A patch as git writes it: a line more in the middle of every so many-th test of the package. */
function makePatch(path: string, git: (...args: string[]) => string): Buffer {
  const tests = git('ls-files', '*.phpt').split('\n');
  const step = Math.floor(tests.length / patchedFiles);
  const chosen = tests.filter((_name, index) => index % step === 0).slice(0, patchedFiles);
  for (const name of chosen) {
    const lines = readFileSync(join(path, name), 'latin1').split('\n');
    writeFileSync(
      join(path, name),
      lines.toSpliced(Math.floor(lines.length / 2), 0, '; one line more').join('\n'),
      'latin1',
    );
  }
  const patch = Buffer.from(git('diff', '--binary'), 'latin1');
  git('reset', '--hard', '--quiet');
  return Buffer.concat([patch, Buffer.from('\n')]);
}

it('a 300-file patch of 22,000 files that nobody here wrote is planned in under 3 s, applied, reverted and proven (OR-3, CP-9)', async () => {
  using folder = makeTempFolder();
  const path = join(folder.path, 'source');
  const { archive, git } = makeRepository(path);
  const files = git('ls-files').split('\n').length;
  expect(files).toBeGreaterThan(20_000);
  const [first, tree] = [git('rev-parse', 'main'), git('rev-parse', 'main^{tree}')];
  const patch = makePatch(path, git);
  const target = { name: 'big', project: 'big', environment: 'dev', connector: 'repo', config: { path } };
  const server = await withPeople(await openServer('sqlite', { targets: [target] }));
  try {
    const { client } = server.alice;
    const planIn = async (steps: ProposeRequest['steps']): Promise<{ planned: OperationView; planMs: number }> => {
      const started = performance.now();
      const planned = await propose(client, { target: 'big', steps });
      return { planned, planMs: performance.now() - started };
    };
    const inputs = { patch_base64: patch.toString('base64'), message: 'tests: one line more' };
    const change = await planIn([{ action: 'repo.apply_patch', inputs }]);
    expect(change.planned.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(change.planned.diffs.length).toBe(patchedFiles);
    const applied = await proven(client, change.planned);
    const commit = git('rev-parse', 'main');
    expect(git('rev-parse', 'main^')).toBe(first);
    expect(git('diff', '--name-only', first, commit).split('\n').length).toBe(patchedFiles);

    const back = await planIn([{ action: 'repo.revert', inputs: { commit } }]);
    const reverted = await proven(client, back.planned);
    expect(git('rev-parse', 'main^{tree}')).toBe(tree);
    expect(git('status', '--porcelain')).toBe('');
    expect(git('fsck', '--strict', '--no-dangling', '--no-progress')).toBe('');

    for (const { bundle_id: bundle } of [applied, reverted]) await verifyOffline(server, folder.path, bundle);
    const line = `${archive}: ${files} files; plan of a ${patchedFiles}-file patch ${change.planMs.toFixed(0)} ms, of its revert ${back.planMs.toFixed(0)} ms`;
    console.log(line);
    expect(change.planMs).toBeLessThan(planLimitMs);
    expect(back.planMs).toBeLessThan(planLimitMs);
  } finally {
    await server.close();
  }
}, 600_000);

/** Confirms where policy asks for it, runs, and waits for the bundle. */
async function proven(client: Client, planned: OperationView): Promise<OperationView> {
  if (planned.verdict?.decision === 'needs') await confirm(client, planned);
  const { op_id: opId } = planned;
  await client.call('opsExecute', { body: { op_id: opId, digest: digestOf(planned) } });
  const patience = { timeoutMs: 180_000, intervalMs: 100 };
  const anchored = await waitUntil(
    `${opId} is anchored`,
    async () => {
      const view = await show(client, opId);
      return view.evidence === 'anchored' && view;
    },
    patience,
  );
  expect(anchored.status).toBe('succeeded');
  return anchored;
}

async function verifyOffline(
  server: { url: string; alice: { token: string } },
  folder: string,
  bundle: string,
): Promise<void> {
  const data = join(folder, 'cli');
  const env = { COUNTERSIGN_SERVER: server.url, COUNTERSIGN_TOKEN: server.alice.token, COUNTERSIGN_DATA_DIR: data };
  const out = join(folder, bundle);
  const got = await runCountersign(['evidence', 'get', bundle, '--out', out, '--no-input'], { env, cwd: folder });
  expect(got.code, got.stderr).toBe(0);
  const nowhere = { ...env, COUNTERSIGN_SERVER: 'http://127.0.0.1:9' };
  const offline = await runCountersign(['verify', out, '--no-input'], { env: nowhere, cwd: folder });
  expect(offline.code, offline.stdout + offline.stderr).toBe(0);
}

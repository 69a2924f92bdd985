import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MeasuresView, ReplayView } from '@countersign/protocol';
import { type CountersignResult, makeTempFolder, runCountersign, waitUntil } from '@countersign/testing';
import { expect, it, onTestFinished } from 'vitest';
import { folderDigest } from '../../connectors/repo/src/fixture/repo-harness.ts';
import { describeServer } from './harness/describe-server.ts';
import { anchored, propose, runToEnd, writeFiles } from './harness/flow.ts';

function folderOf(): string {
  const folder = makeTempFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}

describeServer('what an auditor does alone', {}, (stage) => {
  const cli = (cwd: string, ...args: string[]): Promise<CountersignResult> => {
    const { url, vera } = stage();
    const env = { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: vera.token, COUNTERSIGN_DATA_DIR: join(cwd, 'data') };
    return runCountersign([...args, '--no-input'], { env, cwd });
  };
  /** No server and no token: nothing but files. */
  const offline = (cwd: string, ...args: string[]): Promise<CountersignResult> =>
    runCountersign([...args, '--no-input'], {
      cwd,
      env: { COUNTERSIGN_SERVER: 'http://127.0.0.1:1', COUNTERSIGN_TOKEN: '', COUNTERSIGN_DATA_DIR: join(cwd, 'none') },
    });

  it('a bundle from a folder replays on a clone with no server; a tampered one and a foreign clone do not (CP-14)', async () => {
    const { alice, repos } = stage();
    const cwd = folderOf();
    // What looks like a credential is hidden in the plan: the replay hides it the same way and is equal all the same.
    await repos.dev.commit({ 'old.env': 'password: hunter2-hunter2\n' });
    const files = { 'config/app.yaml': 'name: shop\n', 'new.txt': 'new\n', 'old.env': null };
    const planned = await propose(alice.client, writeFiles('dev', files));
    expect(JSON.stringify(planned.diffs)).not.toContain('hunter2');
    await runToEnd(alice.client, planned);
    await anchored(alice.client, planned.op_id);
    const got = await cli(cwd, 'evidence', 'get', planned.bundle_id, '--out', 'bundle');
    expect(got.code, got.stderr).toBe(0);
    execFileSync('git', ['clone', '--quiet', '--bare', repos.dev.path, join(cwd, 'clone')], { stdio: 'pipe' });
    const before = await folderDigest(join(cwd, 'clone'));

    const done = await offline(cwd, 'replay', 'bundle', '--repository', 'clone', '--json');
    expect(done.code, done.stderr).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({
      verification: 'pass',
      mode: 'exact',
      matches: true,
      report: { unequal: 0, steps: [{ replayed: true }] },
    });
    expect(await folderDigest(join(cwd, 'clone'))).toBe(before);
    const shown = await offline(cwd, 'replay', 'bundle', '--repository', 'clone');
    expect(shown.stdout).toContain('exact: 1 of 1 step(s) were applied and done again');
    expect(shown.stdout).toContain('The replay is equal in everything that was compared.');

    const alone = await offline(cwd, 'replay', 'bundle', '--json');
    expect(alone.code, alone.stderr).toBe(0);
    expect(JSON.parse(alone.stdout)).toMatchObject({
      verification: 'pass',
      mode: 'exact',
      matches: null,
      report: null,
    });
    const there = await cli(cwd, 'replay', planned.op_id, '--json');
    expect(there.code, there.stderr).toBe(0);
    expect(ReplayView.parse(JSON.parse(there.stdout))).toMatchObject({ mode: 'exact', matches: true });

    execFileSync('git', ['init', '--quiet', join(cwd, 'foreign')], { stdio: 'pipe' });
    const foreign = await offline(cwd, 'replay', 'bundle', '--repository', 'foreign');
    expect(foreign.code).not.toBe(0);
    expect(foreign.stderr).toContain('the commit before the change');
    writeFileSync(join(cwd, 'bundle/plan.md'), '# another plan\n');
    const tampered = await offline(cwd, 'replay', 'bundle', '--repository', 'clone');
    expect(tampered.code).not.toBe(0);
    expect(tampered.stderr).toContain('plan.text');
  }, 120_000);

  it('a step with a secret among its inputs cannot be replayed, whatever its action declares (CP-14)', async () => {
    const { alice, vera } = stage();
    const planned = await propose(alice.client, writeFiles('dev', { 'app.env': 'password: hunter2-hunter2\n' }));
    await runToEnd(alice.client, planned);
    await anchored(alice.client, planned.op_id);
    const params = { bundle_id: planned.bundle_id };
    const replay = await vera.client.call('evidenceReplay', { params, body: {} });
    expect(replay).toMatchObject({ status: 'done', verification: 'pass', mode: 'none', matches: null, failure: null });
    expect(replay.report?.says).toContain('an input was a secret');
  });

  it('the measures come out the same from a file of the log, without believing the server (CP-8)', async () => {
    const { alice, admin, vera } = stage();
    const cwd = folderOf();
    const planned = await propose(alice.client, writeFiles('dev', { 'log.txt': 'x\n' }));
    await runToEnd(alice.client, planned);
    await anchored(alice.client, planned.op_id);
    await waitUntil('all is in the log', async () => (await admin.client.call('health')).audit.unsequenced === 0);
    const { leaves } = await vera.client.call('auditLeaves', { query: { limit: 5000 } });
    writeFileSync(join(cwd, 'leaves.jsonl'), leaves.map((leaf) => `${JSON.stringify(leaf)}\n`).join(''));
    writeFileSync(join(cwd, 'entries.jsonl'), leaves.map(({ text }) => `${text}\n`).join(''));
    const asked = await cli(cwd, 'measures', '--env', 'dev', '--json');
    expect(asked.code, asked.stderr).toBe(0);
    const view = MeasuresView.parse(JSON.parse(asked.stdout));
    expect(view.measures.find(({ id }) => id === 'operations_with_evidence')?.denominator).toBeGreaterThan(0);
    for (const file of ['leaves.jsonl', 'entries.jsonl']) {
      const computed = await offline(cwd, 'measures', '--log', file, '--env', 'dev', '--json');
      expect(computed.code, computed.stderr).toBe(0);
      // What ended last is still within its minute by the log's own clock, or sealed: both are counted alike here.
      expect(MeasuresView.parse(JSON.parse(computed.stdout))).toEqual(view);
    }
    const shown = await offline(cwd, 'measures', '--log', 'entries.jsonl', '--check', '--from', '2020-01-01');
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toMatch(/█{20} +100 % +\d+ of \d+ +Executed changes that ended and have a sealed bundle\./);
    expect(shown.stdout).toMatch(/·{20} +none +0 of 0 +Executed upgrades/);
    writeFileSync(join(cwd, 'bad.jsonl'), `${leaves[0]?.text}\n{"no":"entry"}\n`);
    const bad = await offline(cwd, 'measures', '--log', 'bad.jsonl');
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('line 2');
  }, 120_000);
});

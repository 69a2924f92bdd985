import { expect, it } from 'vitest';
import { folderDigest } from '../../connectors/repo/src/fixture/repo-harness.ts';
import { auditEntries } from './harness/audit.ts';
import { fetchBundle } from './harness/bundle.ts';
import { describeServer } from './harness/describe-server.ts';
import { anchored, confirm, propose, runToEnd, writeFiles } from './harness/flow.ts';
import { expectRefused } from './harness/refused.ts';

const change = {
  'config/app.yaml': 'name: shop\nreplicas: 2\n',
  'config/new.yaml': 'a: 1\n',
  'config/limits.yaml': null,
};

describeServer('replay', {}, (stage) => {
  it('a viewer replays a sealed bundle: exact, equal, the target untouched, audited (CP-14)', async () => {
    const { alice, vera, repos } = stage();
    const planned = await propose(alice.client, writeFiles('dev', change));
    await runToEnd(alice.client, planned);
    await anchored(alice.client, planned.op_id);
    await repos.dev.commit({ 'later.txt': 'the branch moved on\n' });
    const before = await folderDigest(repos.dev.path);
    const params = { bundle_id: planned.bundle_id };
    const replay = await vera.client.call('evidenceReplay', { params, body: {}, preferWaitSeconds: 30 });
    expect(replay).toMatchObject({
      op_id: planned.op_id,
      status: 'done',
      verification: 'pass',
      mode: 'exact',
      matches: true,
      failure: null,
      report: { mode: 'exact', unequal: 0, steps: [{ action: 'repo.write_files', mode: 'exact', replayed: true }] },
    });
    const what = replay.report?.compared.map((each) => each.what) ?? [];
    expect(what).toEqual(
      expect.arrayContaining(['plan digest', 'tree before', 'tree after', 'commit', 'diff config/app.yaml']),
    );
    const commit = replay.report?.compared.find((each) => each.what === 'commit');
    expect(commit?.actual).toBe(await repos.dev.git('rev-parse', 'main^'));
    expect(await folderDigest(repos.dev.path)).toBe(before);
    expect(await vera.client.call('replayGet', { params: { replay_id: replay.replay_id } })).toEqual(replay);
    const entries = await auditEntries(stage(), { event: 'evidence.replayed', subject: planned.op_id });
    expect(entries).toMatchObject([
      {
        outcome: 'ok',
        detail: {
          bundle_id: planned.bundle_id,
          replay_id: replay.replay_id,
          requester: 'vera',
          mode: 'exact',
          matches: true,
          environment: 'dev',
        },
      },
    ]);
    const again = { params, body: { request_id: 'one-replay' }, preferWaitSeconds: 30 };
    const first = await vera.client.call('evidenceReplay', again);
    expect((await vera.client.call('evidenceReplay', again)).replay_id).toBe(first.replay_id);
    expect(first.replay_id).not.toBe(replay.replay_id);
  });

  it('the bundle says which mode each step has, in what is digested and in what is sealed (CP-14)', async () => {
    const { alice } = stage();
    const planned = await propose(alice.client, writeFiles('dev', { 'which.txt': 'exact\n' }));
    await runToEnd(alice.client, planned);
    await anchored(alice.client, planned.op_id);
    const { files } = await fetchBundle(alice.client, planned.bundle_id);
    const text = (path: string): string => Buffer.from(files.get(path) ?? []).toString('utf8');
    expect(text('plan.md')).toContain('replay: exact');
    expect(JSON.parse(text('plan.json'))).toMatchObject({ steps: [{ replay: 'exact' }] });
    expect(JSON.parse(text('run.json'))).toMatchObject({ steps: [{ replay: 'exact' }] });
  });

  it('of a repository that lost the commit before, it says so and does not call it unequal (CP-14)', async () => {
    const { alice, vera, repos } = stage();
    const planned = await propose(alice.client, writeFiles('stage', { 'gone.txt': 'x\n' }));
    const { op_id, bundle_id } = planned;
    await confirm(alice.client, planned);
    await runToEnd(alice.client, planned);
    await anchored(alice.client, op_id);
    const { git } = repos.stage;
    await git('checkout', '--quiet', '--orphan', 'fresh');
    await git('commit', '--quiet', '-m', 'history rewritten');
    await git('branch', '--quiet', '-M', 'fresh', 'main');
    for (const ref of (await git('for-each-ref', '--format=%(refname)', 'refs/countersign')).split('\n')) {
      if (ref !== '') await git('update-ref', '-d', ref);
    }
    await git('reflog', 'expire', '--expire=now', '--all');
    await git('gc', '--quiet', '--prune=now');
    const replay = await vera.client.call('evidenceReplay', { params: { bundle_id }, body: {}, preferWaitSeconds: 30 });
    expect(replay).toMatchObject({ status: 'failed', matches: null, failure: { code: 'E_TARGET_MISSING' } });
    expect(replay.failure?.detail?.['next']).toContain('full clone');
    const [entry] = await auditEntries(stage(), { event: 'evidence.replayed', subject: op_id });
    expect(entry).toMatchObject({ outcome: 'failed', detail: { matches: null, code: 'E_TARGET_MISSING' } });
  });

  it('refuses a bundle that does not exist yet (CP-14)', async () => {
    const { alice } = stage();
    const planned = await propose(alice.client, writeFiles('dev', { 'waits.txt': 'x\n' }));
    await expectRefused(
      alice.client.call('evidenceReplay', { params: { bundle_id: planned.bundle_id }, body: {} }),
      'E_NOT_FOUND',
    );
  });
});

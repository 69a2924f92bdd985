import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import { expect, it } from 'vitest';
import { fetchBundle } from './harness/bundle.ts';
import { describeServer } from './harness/describe-server.ts';
import { anchored, approve, confirm, digestOf, propose, runToEnd, show, until, writeFiles } from './harness/flow.ts';
import { expectCommitIs } from './harness/git-facts.ts';
import { readStream } from './harness/read-stream.ts';
import { expectRefused } from './harness/refused.ts';

const change = {
  'config/app.yaml': 'name: shop\nreplicas: 2\nlog_level: debug\n',
  'config/new.yaml': 'colour: blue\n',
  'config/limits.yaml': null,
};

describeServer('the whole way by HTTP', {}, (stage) => {
  it('stage: plan, show, confirm, execute; the commit is exactly the diff shown (CP-9, CP-10, CP-11, DO-11)', async () => {
    const { alice, repos } = stage();
    const from = await repos.stage.git('rev-parse', 'main');
    const planned = await propose(alice.client, writeFiles('stage', change));
    expect(planned).toMatchObject({ status: 'planned', display: 'waiting_confirmation', run: null });
    expect(planned.diffs.map(({ path }) => path).sort()).toEqual(Object.keys(change).sort());
    const waiting = await expectRefused(
      alice.client.call('opsExecute', { body: { op_id: planned.op_id } }),
      'E_APPROVAL_REQUIRED',
    );
    expect(waiting.status).toBe(409);
    expect(waiting.detail['verdict']).toMatchObject({ decision: 'needs', obligations: [{ kind: 'confirm' }] });
    expect(await repos.stage.git('rev-parse', 'main')).toBe(from);
    const confirmed = await confirm(alice.client, planned);
    expect(confirmed).toMatchObject({ display: 'ready', verdict: { decision: 'allow' } });
    const ended = await runToEnd(alice.client, confirmed);
    expect(ended).toMatchObject({ status: 'succeeded', run: { steps: [{ state: 'verified' }] } });
    await expectCommitIs(repos.stage, from, planned.diffs);
  });

  it('prod: waits for another person, whose approval lets it run once (CP-9, CP-10, OR-9)', async () => {
    const { alice, bob, repos } = stage();
    const from = await repos.prod.git('rev-parse', 'main');
    const planned = await propose(alice.client, writeFiles('prod', change));
    expect(planned.display).toBe('waiting_approval');
    await expectRefused(alice.client.call('opsExecute', { body: { op_id: planned.op_id } }), 'E_APPROVAL_REQUIRED');
    const approved = await approve(bob.client, planned.op_id);
    expect(approved.approvals).toMatchObject([{ kind: 'approve', principal: 'bob', state: 'valid' }]);
    const ended = await runToEnd(alice.client, await show(alice.client, planned.op_id));
    expect(ended.approvals).toMatchObject([{ state: 'consumed' }]);
    await expectCommitIs(repos.prod, from, planned.diffs);
    const again = await expectRefused(
      alice.client.call('opsExecute', { body: { op_id: planned.op_id, digest: digestOf(planned) } }),
      'E_STATE',
    );
    expect(again.status).toBe(409);
    expect(await repos.prod.git('rev-list', '--count', 'main')).toBe('2');
  });

  it('execute without digest runs only the plan last shown to that principal (CP-10)', async () => {
    const { alice, bob, repos } = stage();
    const planned = await propose(alice.client, writeFiles('dev', { 'a.txt': 'a\n' }));
    await expectRefused(bob.client.call('opsExecute', { body: { op_id: planned.op_id } }), 'E_PLAN_NOT_SHOWN');
    await show(bob.client, planned.op_id);
    const answer = await bob.client.call('opsExecute', { body: { op_id: planned.op_id } });
    expect(answer).toMatchObject({ op_id: planned.op_id, bundle_id: planned.bundle_id });
    await until(alice.client, planned.op_id, 'succeeded', ({ status }) => status === 'succeeded');
    expect(await repos.dev.git('show', 'main:a.txt')).toBe('a');
  });

  it('events come once and in order, and resume after Last-Event-ID (DO-7, DO-16)', async () => {
    const { alice, url } = stage();
    const planned = await propose(alice.client, writeFiles('dev', { 'b.txt': 'b\n' }));
    await runToEnd(alice.client, planned);
    const all = await readStream(url, alice.token, planned.op_id, null);
    expect(all.map(({ id }) => id)).toEqual(all.map((_event, index) => index + 1));
    expect(all.at(-1)?.event).toEqual({ type: 'end', state: 'succeeded' });
    for (const from of [1, Math.floor(all.length / 2), all.length - 1]) {
      expect(await readStream(url, alice.token, planned.op_id, from)).toEqual(all.slice(from));
    }
    const seen: number[] = [];
    for await (const { id } of alice.client.events(planned.op_id)) seen.push(id);
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  it('the bundle verifies offline, a flipped byte in any file is named, the folder is laid out as asked (CP-6, CP-14)', async () => {
    const { alice, dataDir } = stage();
    const planned = await propose(alice.client, writeFiles('dev', { 'c.txt': 'c\n' }));
    await runToEnd(alice.client, planned);
    await anchored(alice.client, planned.op_id);
    const { files, trust, folder } = await fetchBundle(alice.client, planned.bundle_id);
    const report = await verifyBundle(files, trust, nodeVerifyCrypto);
    expect(report.findings.filter(({ state }) => state !== 'pass')).toEqual([]);
    expect(report.findings.map(({ id }) => id).filter((id) => id.startsWith('anchor')).length).toBeGreaterThan(0);
    expect(report.state).toBe('pass');
    for (const [path, content] of files) {
      const flipped = Uint8Array.from(content);
      const at = Math.floor(flipped.length / 2);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      const found = await verifyBundle(new Map([...files, [path, flipped]]), trust, nodeVerifyCrypto);
      const named = found.findings.filter(({ state, file }) => state !== 'pass' && file === path);
      expect({ path, state: found.state === 'pass', named: named.length > 0 }).toEqual({
        path,
        state: false,
        named: true,
      });
    }
    const paths = [...files.keys()];
    expect(paths).toEqual(expect.arrayContaining(['plan.md', 'validation.json', 'logs.txt']));
    expect(paths.some((path) => path.startsWith('diffs/'))).toBe(true);
    expect(folder).toMatch(/docs\/evidence\/\d{8}-\d{4}(-\d\d)?$/);
    const named = (at: number): string =>
      new Date(at).toISOString().slice(0, 16).replaceAll(/[-:]/g, '').replace('T', '-');
    const now = Date.now();
    expect([named(now), named(now - 60_000)].some((name) => folder.includes(name))).toBe(true);
    const onDisk = readdirSync(join(dataDir, folder), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(onDisk.length).toBe(files.size);
  });

  it('rollback brings the tree back, and the original shows rolled_back (CP-3, CP-11)', async () => {
    const { alice, repos } = stage();
    const before = await repos.dev.git('rev-parse', 'main^{tree}');
    const planned = await propose(alice.client, writeFiles('dev', change));
    const ended = await runToEnd(alice.client, planned);
    expect(ended.next).toContain(`countersign rollback ${planned.op_id}`);
    expect(await repos.dev.git('rev-parse', 'main^{tree}')).not.toBe(before);
    const undo = await alice.client.call('opsRollback', { params: { op_id: planned.op_id }, body: {} });
    expect(undo).toMatchObject({ origin: 'rollback', rollback_of: planned.op_id });
    await runToEnd(alice.client, undo);
    expect(await repos.dev.git('rev-parse', 'main^{tree}')).toBe(before);
    expect(await show(alice.client, planned.op_id)).toMatchObject({
      status: 'rolled_back',
      rolled_back_by: undo.op_id,
    });
  });
});

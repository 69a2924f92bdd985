import { setTimeout as sleep } from 'node:timers/promises';
import { runCountersign } from '@countersign/testing';
import { expect, it } from 'vitest';
import { verified } from './harness/bundle.ts';
import { describeServer } from './harness/describe-server.ts';
import { anchored, approve, confirm, digestOf, propose, runToEnd, show, until, writeFiles } from './harness/flow.ts';
import { expectRefused } from './harness/refused.ts';

describeServer('deciding', {}, (stage) => {
  it('approve, then move the branch: the run is stale, exit 4, the branch is untouched (CP-9, CP-10, DO-16)', async () => {
    const { alice, bob, repos, url, dataDir } = stage();
    const planned = await propose(alice.client, writeFiles('prod', { 'stale.txt': 'x\n' }));
    await approve(bob.client, planned.op_id);
    const moved = await repos.prod.commit({ 'by-hand.txt': 'moved\n' }, 'by hand');
    const refs = await repos.prod.git('for-each-ref', '--format=%(refname) %(objectname)');
    const said = await runCountersign(['start', planned.op_id, '--yes', '--json'], {
      env: { COUNTERSIGN_SERVER: url, COUNTERSIGN_TOKEN: alice.token, COUNTERSIGN_DATA_DIR: `${dataDir}-cli` },
    });
    expect(said.code, said.stderr).toBe(4);
    const ended = await show(alice.client, planned.op_id);
    expect(ended).toMatchObject({
      status: 'failed',
      display: 'stale',
      run: { failure: { code: 'E_PLAN_STALE' }, steps: [{ state: 'skipped', intent_at: null }] },
    });
    expect(await repos.prod.git('rev-parse', 'main')).toBe(moved);
    expect(await repos.prod.git('for-each-ref', '--format=%(refname) %(objectname)')).toBe(refs);
    expect(await repos.prod.git('status', '--porcelain')).toBe('');
  });

  it('withdrawing closes an operation for good; only its own side or an approver may (CP-9, OR-10)', async () => {
    const { alice, bob, bearer } = stage();
    const mallory = await bearer({ name: 'mallory', kind: 'person', role: 'actions' });
    const planned = await propose(alice.client, writeFiles('prod', { 'w.txt': 'w\n' }));
    const { op_id } = planned;
    const cancel = { params: { op_id }, body: { reason: 'second thoughts' } };
    await expectRefused(mallory.client.call('opsCancel', cancel), 'E_AUTH_FORBIDDEN');
    expect(await alice.client.call('opsCancel', cancel)).toMatchObject({ state: 'closed', display: 'withdrawn' });
    await show(bob.client, op_id);
    const body = { digest: digestOf(planned) };
    await expectRefused(bob.client.call('opsApprove', { params: { op_id }, body }), 'E_ALREADY_DECIDED');
    await expectRefused(alice.client.call('opsExecute', { body: { op_id, ...body } }), 'E_STATE');
    await expectRefused(alice.client.call('opsCancel', cancel), 'E_STATE');
  });

  it('an edit voids plan and approvals; the old digest is refused everywhere (CP-9, CP-10)', async () => {
    const { alice, bob } = stage();
    const planned = await propose(alice.client, writeFiles('prod', { 'e.txt': 'first\n' }));
    const { op_id } = planned;
    expect((await approve(bob.client, op_id)).display).toBe('ready');
    const { steps } = writeFiles('prod', { 'e.txt': 'second\n' });
    const edit = { params: { op_id }, body: { steps, revision: 1 }, preferWaitSeconds: 30 };
    const edited = await alice.client.call('opsEdit', edit);
    expect(edited).toMatchObject({
      display: 'waiting_approval',
      approvals: [{ state: 'void' }],
      plan: { revision: 2 },
    });
    expect(digestOf(edited)).not.toBe(digestOf(planned));
    const old = { digest: digestOf(planned) };
    await expectRefused(alice.client.call('opsExecute', { body: { op_id, ...old } }), 'E_DIGEST_MISMATCH');
    await expectRefused(bob.client.call('opsApprove', { params: { op_id }, body: old }), 'E_DIGEST_MISMATCH');
    await expectRefused(alice.client.call('opsExecute', { body: { op_id } }), 'E_APPROVAL_REQUIRED');
    await expectRefused(alice.client.call('opsEdit', edit), 'E_REVISION');
    await approve(bob.client, op_id);
    const ended = await runToEnd(alice.client, edited);
    expect(ended.approvals.map(({ state }) => state).sort()).toEqual(['consumed', 'void']);
  });

  it('a re-plan with an equal digest keeps its approvals and their first expiry; another digest voids them (CP-10)', async () => {
    const { alice, bob, repos } = stage();
    const planned = await propose(alice.client, writeFiles('prod', { 'r.txt': 'r\n' }));
    const { op_id } = planned;
    const approved = await approve(bob.client, op_id);
    const again = { params: { op_id }, body: {}, preferWaitSeconds: 30 };
    const same = await alice.client.call('opsReplan', again);
    expect(digestOf(same)).toBe(digestOf(planned));
    expect(same).toMatchObject({ display: 'ready', plan: { revision: 2 } });
    expect(same.approvals).toEqual(approved.approvals);
    await repos.prod.commit({ 'elsewhere.txt': 'e\n' }, 'elsewhere');
    const other = await alice.client.call('opsReplan', again);
    expect(digestOf(other)).not.toBe(digestOf(planned));
    expect(other).toMatchObject({ display: 'waiting_approval', approvals: [{ state: 'void' }] });
  });

  it('what waits for its approval starts nothing, and is told as 409 with the verdict (OR-9, CP-10)', async () => {
    const { alice } = stage();
    const planned = await propose(alice.client, writeFiles('prod', { 'd.txt': 'd\n' }));
    const refused = await expectRefused(
      alice.client.call('opsExecute', { body: { op_id: planned.op_id } }),
      'E_APPROVAL_REQUIRED',
    );
    expect(refused.status).toBe(409);
    expect((await show(alice.client, planned.op_id)).run).toBeNull();
  });
});

describeServer('approvals that end', { config: { approval_hours: 3 / 3600 } }, (stage) => {
  it.each([
    ['prod', 'approve', 'waiting_approval'],
    ['stage', 'confirm', 'waiting_confirmation'],
  ] as const)(
    'in %s a decision (%s) that expired counts no more; a new one does (CP-9, DO-11)',
    async (tier, kind, waits) => {
      const { alice, bob, repos } = stage();
      const planned = await propose(alice.client, writeFiles(tier, { 'late.txt': 'l\n' }));
      const { op_id } = planned;
      await show(bob.client, op_id);
      const decide = () =>
        kind === 'approve'
          ? bob.client.call('opsApprove', { params: { op_id }, body: { digest: digestOf(planned) } })
          : confirm(alice.client, planned);
      expect((await decide()).display).toBe('ready');
      const lapsed = await until(alice.client, op_id, 'expired', ({ approvals }) => approvals[0]?.state === 'expired');
      expect(lapsed).toMatchObject({ display: waits, verdict: { decision: 'needs', obligations: [{ kind }] } });
      await expectRefused(
        alice.client.call('opsExecute', { body: { op_id, digest: digestOf(planned) } }),
        'E_APPROVAL_REQUIRED',
      );
      await sleep(100);
      expect(await repos[tier].git('ls-tree', '--name-only', 'main', 'late.txt')).toBe('');
      await decide();
      const ended = await runToEnd(alice.client, planned);
      expect(ended).toMatchObject({ status: 'succeeded', approvals: [{ state: 'expired' }, { state: 'consumed' }] });
      await anchored(alice.client, op_id);
      expect((await verified(alice.client, ended.bundle_id)).state).toBe('pass');
    },
  );

  it('after an approval expired the operation may still be rejected (OR-10)', async () => {
    const { alice, bob } = stage();
    const { op_id } = await propose(alice.client, writeFiles('prod', { 'n.txt': 'n\n' }));
    await approve(bob.client, op_id);
    await until(alice.client, op_id, 'expired', ({ approvals }) => approvals[0]?.state === 'expired');
    const rejected = await bob.client.call('opsReject', { params: { op_id }, body: { reason: 'too late' } });
    expect(rejected).toMatchObject({ display: 'rejected', state: 'closed' });
  });
});

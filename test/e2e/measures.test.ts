import { Tally } from '@countersign/evidence';
import { AuditBody, type MeasureId, type MeasuresView } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { anchored, approve, confirm, propose, runToEnd, show, writeFiles } from './harness/flow.ts';

const measure = ({ measures }: MeasuresView, id: MeasureId) => measures.find((each) => each.id === id);

/** The same computed by whoever reads the log: every leaf, in order, with no help from the server. */
async function recomputed({ admin }: Stage, query: ConstructorParameters<typeof Tally>[0]): Promise<MeasuresView> {
  const tally = new Tally(query);
  for (let from = 0; ; ) {
    const { leaves } = await admin.client.call('auditLeaves', { query: { from, limit: 50 } });
    if (leaves.length === 0) return tally.view(Date.now());
    for (const { text } of leaves) tally.add(AuditBody.parse(JSON.parse(text)));
    from += leaves.length;
  }
}

describeServer('measures', {}, (stage) => {
  it('before anything ran there is no ratio: nothing is no success (CP-8)', async () => {
    const view = await stage().vera.client.call('measures');
    expect(view.measures.map(({ denominator, ratio, met }) => [denominator, ratio, met])).toEqual(
      view.measures.map(() => [0, null, null]),
    );
  });

  it('counts executed changes with diff, evidence, preflight and replay, by place and span, the same from the log (CP-8)', async () => {
    const { alice, bob, vera, admin } = stage();
    const dev = await propose(alice.client, writeFiles('dev', { 'm.txt': 'dev\n' }));
    await runToEnd(alice.client, dev);
    const staged = await confirm(alice.client, await propose(alice.client, writeFiles('stage', { 'm.txt': 's\n' })));
    await runToEnd(alice.client, staged);
    const prod = await propose(alice.client, writeFiles('prod', { 'm.txt': 'prod\n' }));
    await approve(bob.client, prod.op_id);
    await runToEnd(alice.client, await show(alice.client, prod.op_id));
    // Planned and never run: no executed change.
    await propose(alice.client, writeFiles('dev', { 'never.txt': 'x\n' }));
    for (const { op_id } of [dev, staged, prod]) await anchored(alice.client, op_id);
    const { bundle_id } = prod;
    await vera.client.call('evidenceReplay', { params: { bundle_id }, body: {}, preferWaitSeconds: 30 });
    await waitUntil('all is in the log', async () => (await admin.client.call('health')).audit.unsequenced === 0);
    const view = await vera.client.call('measures');
    expect(measure(view, 'prod_changes_without_diff')).toMatchObject({ numerator: 0, denominator: 1, met: true });
    expect(measure(view, 'changes_without_diff')).toMatchObject({ numerator: 0, denominator: 3, ratio: 0, met: true });
    expect(measure(view, 'operations_with_evidence')).toMatchObject({ numerator: 3, denominator: 3, ratio: 1 });
    expect(measure(view, 'preflight_passed')).toMatchObject({ numerator: 3, denominator: 3, met: true });
    expect(measure(view, 'replays_equal')).toMatchObject({ numerator: 1, denominator: 1, met: true });
    expect(measure(view, 'upgrades_with_dry_run')).toMatchObject({ denominator: 0, ratio: null, met: null });
    expect(view).toMatchObject({
      outcomes: { succeeded: 3, failed: 0, cancelled: 0 },
      approvals: { confirmed: 1, approved: 1, rejected: 0 },
      sealing: 0,
      untold: 0,
    });
    expect(view.approval_wait_ms?.p95).toBeGreaterThanOrEqual(view.approval_wait_ms?.p50 ?? 0);
    expect(await recomputed(stage(), {})).toEqual(view);
    for (const query of [
      { project: 'shop', environment: 'prod' },
      { environment: 'dev' },
      { project: 'nobody' },
      { from: 0, to: prod.created_at },
      { from: prod.created_at },
    ]) {
      const part = await vera.client.call('measures', { query });
      expect(part).toEqual(await recomputed(stage(), query));
    }
    const inProd = await vera.client.call('measures', { query: { environment: 'prod' } });
    expect(measure(inProd, 'changes_without_diff')).toMatchObject({ denominator: 1 });
    expect(inProd.approvals).toEqual({ confirmed: 0, approved: 1, rejected: 0 });
    const before = await vera.client.call('measures', { query: { to: prod.created_at } });
    expect(measure(before, 'operations_with_evidence')).toMatchObject({ numerator: 2, denominator: 2 });
    expect(measure(before, 'replays_equal')).toMatchObject({ denominator: 0, ratio: null });
  }, 120_000);
});

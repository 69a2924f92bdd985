import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeServer } from './harness/describe-server.ts';
import { digestOf, propose, runToEnd, show, until, writeFiles } from './harness/flow.ts';
import { type Gates, makeGate, startGatedWorker } from './harness/gated-worker.ts';
import { liftPanic } from './harness/lift-panic.ts';
import { expectRefused } from './harness/refused.ts';

describeServer('panic, locks and cancelling', { worker: false }, (stage) => {
  const gates: Gates = {};
  const shut: { open(): void }[] = [];
  const gateAtIntent = () => {
    const gate = makeGate();
    shut.push(gate);
    gates.beforeIntent = () => gate.wait();
    return gate;
  };
  let worker: { stop(): Promise<void> } | undefined;
  beforeAll(async () => {
    worker = await startGatedWorker(stage(), gates);
  });
  afterAll(() => worker?.stop());
  afterEach(async () => {
    for (const gate of shut.splice(0)) gate.open();
    gates.beforeIntent = undefined;
    gates.afterOutcome = undefined;
    await liftPanic(stage().admin.client, 'test ended');
  });
  const panic = async (on: boolean): Promise<void> => {
    const { client } = stage().admin;
    if (on) await client.call('panicSet', { body: { on, reason: 'drill' } });
    else await liftPanic(client, 'drill');
  };

  it('panic refuses a start, holds a queued run, and lifting it lets that run (OR-2, DO-19)', async () => {
    const { alice, repos } = stage();
    const gate = gateAtIntent();
    const holder = await propose(alice.client, writeFiles('dev', { 'p0.txt': '0\n' }));
    const queued = await propose(alice.client, writeFiles('dev', { 'p1.txt': '1\n' }));
    const late = await propose(alice.client, writeFiles('dev', { 'p2.txt': '2\n' }));
    await alice.client.call('opsExecute', { body: { op_id: holder.op_id } });
    await gate.reached;
    await alice.client.call('opsExecute', { body: { op_id: queued.op_id } });
    await panic(true);
    const before = await repos.dev.git('rev-parse', 'main');
    const refused = await expectRefused(alice.client.call('opsExecute', { body: { op_id: late.op_id } }), 'E_PANIC');
    expect(refused.status).toBe(503);
    gate.open();
    gates.beforeIntent = undefined;
    const stopped = await until(alice.client, holder.op_id, 'ended', ({ state }) => state === 'closed');
    expect(stopped.run).toMatchObject({
      state: 'cancelled',
      failure: { code: 'E_PANIC' },
      steps: [{ state: 'skipped' }],
    });
    await sleep(600);
    expect(await show(alice.client, queued.op_id)).toMatchObject({ display: 'queued', blocked_by: null });
    expect(await repos.dev.git('rev-parse', 'main')).toBe(before);
    await panic(false);
    const lifted = await until(alice.client, queued.op_id, 'ended', ({ state }) => state === 'closed');
    expect(lifted).toMatchObject({ status: 'succeeded', run: { failure: null } });
    expect(await repos.dev.git('show', 'main:p1.txt')).toBe('1');
  });

  it('panic during a run of three steps: step two finishes, step three never starts, reads go on, the bundle says so (OR-2)', async () => {
    const { alice, repos } = stage();
    const steps = ['one', 'two', 'three'].flatMap(
      (name) => writeFiles('dev', { [`${name}.txt`]: `${name}\n` }, name).steps,
    );
    const planned = await propose(alice.client, { ...writeFiles('dev', {}), steps });
    const intents: number[] = [];
    gates.afterOutcome = async ({ index, outcome }) => {
      // Step two has had its effect and was not looked at yet when panic comes.
      if (index === 1 && outcome === 'applied') await panic(true);
      if (outcome === 'applied') intents.push(index);
    };
    const ended = await runToEnd(alice.client, planned);
    expect(ended.run).toMatchObject({
      state: 'cancelled',
      failure: { code: 'E_PANIC' },
      steps: [{ state: 'verified' }, { state: 'verified' }, { state: 'skipped', intent_at: null }],
    });
    expect(intents).toEqual([0, 1]);
    expect(await repos.dev.git('show', 'main:two.txt')).toBe('two');
    expect(await repos.dev.git('ls-tree', '--name-only', 'main', 'three.txt')).toBe('');
    const read = { request_id: 'in-panic', action: 'repo.tree', target: 'shop-dev', inputs: {}, wait_ms: 10_000 };
    expect((await alice.client.call('actionExecute', { body: read })).status).toBe('succeeded');
    await until(alice.client, planned.op_id, 'sealed', ({ evidence }) => evidence === 'anchored');
  });

  it('two runs on one target queue, the blocker is shown, busy "refuse" is told who holds it (CP-9, DO-12)', async () => {
    const { alice, repos } = stage();
    const gate = gateAtIntent();
    const [a, b, c] = [
      await propose(alice.client, writeFiles('dev', { 'lock-a.txt': 'a\n' })),
      await propose(alice.client, writeFiles('dev', { 'lock-b.txt': 'b\n' })),
      await propose(alice.client, writeFiles('dev', { 'lock-c.txt': 'c\n' })),
    ];
    const started = await alice.client.call('opsExecute', { body: { op_id: a.op_id } });
    await gate.reached;
    await alice.client.call('opsExecute', { body: { op_id: b.op_id } });
    const waiting = await until(alice.client, b.op_id, 'waits', ({ blocked_by }) => blocked_by !== null);
    expect(waiting).toMatchObject({ display: 'queued', blocked_by: { op_id: a.op_id, run_id: started.run_id } });
    const busy = await expectRefused(
      alice.client.call('opsExecute', { body: { op_id: c.op_id, busy: 'refuse' } }),
      'E_TARGET_BUSY',
    );
    expect(busy).toMatchObject({ status: 409, detail: { op_id: a.op_id, run_id: started.run_id } });
    const { targets } = await alice.client.call('targets');
    expect(targets.find(({ name }) => name === 'shop-dev')?.lockedBy).toEqual({
      op_id: a.op_id,
      run_id: started.run_id,
    });
    gate.open();
    await until(alice.client, a.op_id, 'succeeded', ({ status }) => status === 'succeeded');
    // The first moved the branch, so what the second was allowed to change is no longer there.
    const stale = await until(alice.client, b.op_id, 'ended', ({ state }) => state === 'closed');
    expect(stale).toMatchObject({ display: 'stale', run: { failure: { code: 'E_PLAN_STALE' } } });
    expect(await repos.dev.git('ls-tree', '--name-only', 'main', 'lock-b.txt', 'lock-c.txt')).toBe('');
  });

  it('a queued run is cancelled before it starts, a running one between steps; what was not applied is not there (DO-18)', async () => {
    const { alice, repos } = stage();
    const gate = gateAtIntent();
    const a = await propose(alice.client, writeFiles('dev', { 'cancel-a.txt': 'a\n' }));
    const b = await propose(alice.client, writeFiles('dev', { 'cancel-b.txt': 'b\n' }));
    await alice.client.call('opsExecute', { body: { op_id: a.op_id } });
    await gate.reached;
    await alice.client.call('opsExecute', { body: { op_id: b.op_id } });
    const cancel = (op_id: string) =>
      alice.client.call('opsCancel', { params: { op_id }, body: { reason: 'not now' } });
    expect(await cancel(b.op_id)).toMatchObject({
      display: 'cancelled',
      run: { state: 'cancelled', started_at: null },
    });
    expect(await cancel(a.op_id)).toMatchObject({ display: 'cancelling' });
    gate.open();
    const ended = await until(alice.client, a.op_id, 'ended', ({ state }) => state === 'closed');
    expect(ended).toMatchObject({ display: 'cancelled', run: { failure: { code: 'E_CANCELLED' } } });
    expect(await repos.dev.git('ls-tree', '--name-only', 'main', 'cancel-a.txt', 'cancel-b.txt')).toBe('');
    await expectRefused(cancel(a.op_id), 'E_STATE');
    expect(digestOf(ended)).toBe(digestOf(a));
  });
});

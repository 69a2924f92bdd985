import { randomUUID } from 'node:crypto';
import { routes } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { digestOf, propose, show, until, writeFiles } from './harness/flow.ts';
import { expectRefused, refusal } from './harness/refused.ts';

const hundred = Array.from({ length: 100 }, (_, index) => index);

async function commits({ repos }: Stage): Promise<number> {
  return Number(await repos.dev.git('rev-list', '--count', 'main'));
}

async function auditEvents(stage: Stage, opId: string): Promise<string[]> {
  const entries = await auditEntries(stage, { subject: opId });
  return entries.map(({ event }) => event);
}

describeServer('many at once', {}, (stage) => {
  it('approve and reject at once, 100 times: one wins each time, the other is told (OR-10)', async () => {
    const { alice, bob, bearer } = stage();
    const carol = await bearer({ name: 'carol', kind: 'person', role: 'approver' });
    const wins = { approve: 0, reject: 0 };
    for (const tens of Array.from({ length: 10 }, (_, ten) => ten)) {
      await Promise.all(
        hundred.slice(tens * 10, tens * 10 + 10).map(async (index) => {
          const planned = await propose(alice.client, writeFiles('prod', { [`race-${index}.txt`]: 'x\n' }));
          const { op_id } = planned;
          const digest = digestOf(planned);
          await Promise.all([show(bob.client, op_id), show(carol.client, op_id)]);
          const approving = () => bob.client.call('opsApprove', { params: { op_id }, body: { digest } });
          const rejecting = () => carol.client.call('opsReject', { params: { op_id }, body: { reason: 'no' } });
          // Who is sent first takes turns, so that both orders are raced.
          const calls = index % 2 === 0 ? [approving(), rejecting()] : [rejecting(), approving()].reverse();
          const settled = await Promise.allSettled(calls);
          const [approved, rejected] = settled;
          expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(1);
          const loser = await refusal(calls[approved?.status === 'fulfilled' ? 1 : 0] ?? Promise.resolve());
          expect(loser).toMatchObject({ code: 'E_ALREADY_DECIDED', status: 409 });
          const events = await auditEvents(stage(), op_id);
          const won = rejected?.status === 'fulfilled' ? 'reject' : 'approve';
          wins[won] += 1;
          expect(events.filter((event) => event === 'approval.approved').length).toBe(won === 'approve' ? 1 : 0);
          expect(events.filter((event) => event === 'approval.rejected').length).toBe(won === 'reject' ? 1 : 0);
          expect(events.filter((event) => event === 'approval.refused').length).toBe(1);
          expect((await show(alice.client, op_id)).display).toBe(won === 'approve' ? 'ready' : 'rejected');
        }),
      );
    }
    expect(wins.approve + wins.reject).toBe(100);
    expect(Math.min(wins.approve, wins.reject)).toBeGreaterThan(0);
  }, 120_000);

  it('one request_id 100 times at once on /v1/actions/execute: one run, 100 equal answers, one commit (DO-7, DO-12)', async () => {
    const { alice } = stage();
    const before = await commits(stage());
    const { target, steps } = writeFiles('dev', { 'action.txt': 'once\n' });
    const [step] = steps;
    const body = { request_id: randomUUID(), target, action: step?.action ?? '', inputs: step?.inputs ?? {} };
    const answers = await Promise.all(hundred.map(() => alice.client.call('actionExecute', { body })));
    expect(new Set(answers.map(({ op_id, run_id }) => `${op_id} ${run_id}`)).size).toBe(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['succeeded']));
    expect(await commits(stage())).toBe(before + 1);
    const repeated = await alice.client.call('actionStatus', { params: { request_id: body.request_id } });
    expect(repeated).toEqual(answers[0]);
    const other = await expectRefused(
      alice.client.call('actionExecute', { body: { ...body, target: 'shop-stage' } }),
      'E_IDEMPOTENCY_CONFLICT',
    );
    expect(other).toMatchObject({ status: 422, detail: { field: 'request_id' } });
  }, 60_000);

  it('one request_id 100 times at once on /v1/ops/plan and on /v1/ops/execute: one operation, one run, one commit (DO-12)', async () => {
    const { alice, admin } = stage();
    const before = await commits(stage());
    const body = { ...writeFiles('dev', { 'planned.txt': 'once\n' }), request_id: randomUUID() };
    const plans = await Promise.all(hundred.map(() => propose(alice.client, body)));
    expect(new Set(plans.map(({ op_id, plan }) => `${op_id} ${plan?.digest}`)).size).toBe(1);
    const [planned] = plans;
    if (planned === undefined) throw new Error('nothing was planned');
    const { op_id } = planned;
    const start = { op_id, digest: digestOf(planned), request_id: randomUUID() };
    const runs = await Promise.all(hundred.map(() => alice.client.call('opsExecute', { body: start })));
    expect(new Set(runs.map(({ run_id, bundle_id }) => `${run_id} ${bundle_id}`)).size).toBe(1);
    await until(alice.client, op_id, 'succeeded', ({ status }) => status === 'succeeded');
    expect(await commits(stage())).toBe(before + 1);
    const events = await auditEvents(stage(), op_id);
    for (const event of ['operation.proposed', 'run.queued', 'run.started', 'run.succeeded']) {
      expect(`${event} ${events.filter((known) => known === event).length}`).toBe(`${event} 1`);
    }
    // The answer stays the same after the end, and the key stays bound to its body.
    expect((await alice.client.call('opsExecute', { body: start })).run_id).toBe(runs[0]?.run_id);
    expect((await propose(alice.client, body)).op_id).toBe(op_id);
    const changed = writeFiles('dev', { 'planned.txt': 'twice\n' });
    await expectRefused(propose(alice.client, { ...body, ...changed }), 'E_IDEMPOTENCY_CONFLICT');
    const { digest: _digest, ...withoutDigest } = start;
    for (const other of [withoutDigest, { ...start, digest: `sha256:${'0'.repeat(64)}` }]) {
      await expectRefused(alice.client.call('opsExecute', { body: other }), 'E_IDEMPOTENCY_CONFLICT');
    }
    // Another principal's key of the same name is another key.
    await expectRefused(admin.client.call('opsExecute', { body: start }), 'E_STATE');
  }, 60_000);

  it('a request id finds its operation again when no worker is there any more (DO-12)', async () => {
    const { alice, running } = stage();
    const body = { ...writeFiles('dev', { 'again.txt': 'once\n' }), request_id: randomUUID() };
    const planned = await propose(alice.client, body);
    const { catalogue } = running.context;
    const serving = catalogue.serving.bind(catalogue);
    catalogue.serving = async () => [];
    try {
      await expectRefused(propose(alice.client, writeFiles('dev', { 'n.txt': 'n\n' })), 'E_WORKER_UNAVAILABLE');
      expect((await propose(alice.client, body)).op_id).toBe(planned.op_id);
    } finally {
      catalogue.serving = serving;
    }
  });

  it('no route takes a request id beside these, the replay, drafts and groups, whose own tests repeat one (DO-12)', () => {
    const taking = Object.entries(routes)
      .filter(
        ([, route]) =>
          !('mirrors' in route) &&
          'body' in route &&
          JSON.stringify(route.body.toJSONSchema({ io: 'input' })).includes('request_id'),
      )
      .map(([id]) => id);
    expect(taking.sort()).toEqual([
      'actionExecute',
      'aiCommandAsk',
      'aliasExecute',
      'dispatchClaim',
      'draftCreate',
      'draftGenerate',
      'evidenceReplay',
      'groupPropose',
      'groupSelect',
      'opsExecute',
      'opsPlan',
      'opsRollback',
      'runCreate',
    ]);
  });
});

import type { Client } from '@countersign/client';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { anchored, show, until } from './harness/flow.ts';
import { liftPanic } from './harness/lift-panic.ts';

const agents = Number(process.env['COUNTERSIGN_DISPATCH_AGENTS'] ?? '30');
/** Long enough for a busy machine; the one agent that is lost has a shorter one. */
const leaseMs = 20_000;
const shortMs = 1500;
type Ended = 'succeeded' | 'failed' | 'cancelled' | 'unknown';

let made = 0;
async function agentOf(stage: Stage, name?: string): Promise<Client> {
  made += 1;
  const request = { name: name ?? `bot-${stage.dialect}-${made}`, kind: 'agent' as const, role: 'actions' as const };
  return (await stage.bearer(request, stage.alice.client)).client;
}

/** Alice drafts, confirms and starts an instruction. */
async function started({ alice }: Stage, prompt: string, agent?: string): Promise<{ opId: string; runId: string }> {
  const body = { prompt, ...(agent === undefined ? {} : { agent }) };
  const draft = await alice.client.call('draftCreate', { body });
  await alice.client.call('draftApprove', { params: { draft_id: draft.id }, body: {} });
  const { run_id: runId } = await alice.client.call('runCreate', { body: { approved_id: `a_${draft.id.slice(2)}` } });
  return { opId: draft.op_id, runId };
}

const claim = async (agent: Client, waitMs = 0) =>
  (await agent.call('dispatchClaim', { body: { wait_ms: waitMs } })).dispatch;
async function claimed(agent: Client) {
  const dispatch = await claim(agent, 5000);
  if (dispatch === null) throw new Error('nothing was handed over');
  return dispatch;
}
type Dispatch = Awaited<ReturnType<typeof claimed>>;

const keep = (agent: Client, { run_id, lease }: Dispatch) =>
  agent.call('dispatchHeartbeat', { params: { run_id }, body: { lease } });
const report = (agent: Client, { run_id, lease }: Dispatch, number: number, text: string) =>
  agent.call('dispatchReport', { params: { run_id }, body: { lease, number, text } });
const finish = (agent: Client, { run_id, lease }: Dispatch, result: Ended, more: object = {}) =>
  agent.call('dispatchFinish', { params: { run_id }, body: { lease, result, ...more } });

describeServer('external agents', { config: { agents: { lease_ms: leaseMs } } }, (stage) => {
  it('an agent claims, reports and finishes what was approved and started: run, evidence and audit as for every run (OR-1)', async () => {
    const agent = await agentOf(stage());
    const secret = `ghp_${'Zq9'.repeat(12)}`;
    const { alice } = stage();
    const draft = await alice.client.call('draftCreate', {
      body: { prompt: `push with ${secret}`, context: { branch: 'main' } },
    });
    expect(await claim(agent)).toBeNull();
    await alice.client.call('draftApprove', { params: { draft_id: draft.id }, body: {} });
    expect(await claim(agent)).toBeNull();
    const run = await alice.client.call('runCreate', { body: { approved_id: `a_${draft.id.slice(2)}` } });
    const dispatch = await claimed(agent);
    expect(dispatch).toMatchObject({
      run_id: run.run_id,
      instruction: `push with ${secret}`,
      context: { branch: 'main' },
      plan_digest: draft.digest,
    });
    const during = await show(alice.client, draft.op_id);
    expect(during.run?.steps[0]).toMatchObject({ state: 'intent', action: 'agent.dispatch' });
    expect(await claim(agent)).toBeNull();
    expect(await report(agent, dispatch, 1, 'cloned')).toEqual({ lease_ms: leaseMs, cancel: false, panic: false });
    await report(agent, dispatch, 1, 'cloned');
    await report(agent, dispatch, 2, `used ${secret}\nand pushed`);
    expect(await keep(agent, dispatch)).toMatchObject({ cancel: false });
    const artifacts = [
      {
        name: 'log.txt',
        media_type: 'text/plain',
        content_base64: Buffer.from(`with ${secret}`).toString('base64'),
        truncated: false,
      },
    ];
    const end = await finish(agent, dispatch, 'succeeded', { summary: { commit: 'abc', key: secret }, artifacts });
    expect(end.state).toBe('succeeded');
    expect(await finish(agent, dispatch, 'succeeded')).toEqual(end);
    const log = await alice.client.call('opsGet', { params: { op_id: draft.op_id } });
    expect(log.run?.summary).toEqual({ commit: 'abc', key: '[secret]' });
    const sealed = await anchored(alice.client, draft.op_id);
    const bundle = await alice.client.call('evidence', { params: { bundle_id: sealed.bundle_id } });
    expect(JSON.stringify(bundle)).not.toContain(secret);
    const summary = await alice.client.call('runList', {});
    expect(summary.runs.find(({ id }) => id === run.run_id)).toMatchObject({ status: 'done' });
    const entries = await auditEntries(stage(), { subject: draft.op_id });
    const byAgent = entries.filter(({ actor }) => actor.ai).map(({ event }) => event);
    expect(byAgent).toEqual(['run.started', 'step.intent', 'step.outcome', 'run.succeeded']);
    expect(new Set(entries.filter(({ actor }) => actor.ai).map(({ actor }) => actor.root))).toEqual(new Set(['alice']));
    expect(JSON.stringify(entries)).not.toContain(secret);
    const artifact = log.run?.artifacts[0];
    const bytes = await alice.client.call('artifact', { params: { artifact_id: artifact?.artifact_id ?? '' } });
    expect(Buffer.from(bytes).toString()).toBe('with [secret]');
  });

  it(`${agents} agents ask at once for ${agents / 3} instructions: each goes to exactly one`, async () => {
    const many = await Promise.all(Array.from({ length: agents }, () => agentOf(stage())));
    const wanted = await Promise.all(
      Array.from({ length: agents / 3 }, (_, index) => started(stage(), `job ${index}`)),
    );
    const got = await Promise.all(many.map(async (agent) => ({ agent, dispatch: await claim(agent) })));
    const handed = got.flatMap(({ agent, dispatch }) => (dispatch === null ? [] : [{ agent, dispatch }]));
    expect(handed.map(({ dispatch }) => dispatch.run_id).sort()).toEqual(wanted.map(({ runId }) => runId).sort());
    for (const { agent, dispatch } of handed) await finish(agent, dispatch, 'succeeded');
    for (const { opId } of wanted) {
      const entries = await auditEntries(stage(), { subject: opId });
      expect(entries.filter(({ event }) => event === 'step.intent').length).toBe(1);
    }
  });

  it('a claim asked again under its key, also at once, is one claim; a key of another agent is another (OR-7)', async () => {
    const [agent, other] = [await agentOf(stage()), await agentOf(stage())];
    const wanted = [await started(stage(), 'first'), await started(stage(), 'second')];
    const ask = (by: Client) => by.call('dispatchClaim', { body: { request_id: 'one-key' } });
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => ask(agent)));
    // Beside the one that is given something, a call may find all of it locked at that moment, or hear that the key is in use.
    const given = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.dispatch] : []));
    for (const answer of answers) if (answer.status === 'rejected') expect(answer.reason.code).toBe('E_STATE');
    const runs = new Set(given.flatMap((dispatch) => (dispatch === null ? [] : [dispatch.run_id])));
    expect(runs.size).toBe(1);
    const { dispatch } = await ask(agent);
    expect(runs.has(dispatch?.run_id ?? '')).toBe(true);
    const { dispatch: second } = await ask(other);
    if (dispatch === null || second === null) throw new Error('there are two instructions');
    expect([dispatch.run_id, second.run_id].sort()).toEqual(wanted.map(({ runId }) => runId).sort());
    await finish(agent, dispatch, 'succeeded');
    await expect(ask(agent)).rejects.toMatchObject({ code: 'E_LEASE_LOST' });
    await finish(other, second, 'succeeded');
  });

  it("an instruction for an agent is for the requester's of that name, or for its named owner's, whoever else takes the name", async () => {
    const { alice, bob, admin } = stage();
    const name = `robo-${stage().dialect}`;
    const request = { name, kind: 'agent' as const, role: 'actions' as const };
    const own = (await stage().bearer(request, alice.client)).client;
    const foreign = (await stage().bearer(request, bob.client)).client;
    const plain = await started(stage(), 'for mine', name);
    expect(await claim(foreign)).toBeNull();
    const mine = await claimed(own);
    expect(mine.op_id).toBe(plain.opId);
    await finish(own, mine, 'succeeded');
    const named = await started(stage(), "for bob's", `bob/${name}`);
    expect(await claim(own)).toBeNull();
    const his = await claimed(foreign);
    expect(his.op_id).toBe(named.opId);
    expect((await show(admin.client, named.opId)).diffs[0]?.summary).toContain(`agent bob/${name}`);
    await finish(foreign, his, 'succeeded');
  });

  it('an instruction for one agent is for that one; a lease is for its agent and its run', async () => {
    const [named, other] = [await agentOf(stage(), 'the-named-one'), await agentOf(stage())];
    const { runId } = await started(stage(), 'only you', 'the-named-one');
    expect(await claim(other)).toBeNull();
    const dispatch = await claimed(named);
    expect(dispatch.run_id).toBe(runId);
    const strange = [
      () => keep(other, dispatch),
      () => report(other, dispatch, 1, 'hi'),
      () => finish(other, dispatch, 'failed'),
    ];
    for (const ask of strange) await expect(ask()).rejects.toMatchObject({ code: 'E_LEASE_LOST' });
    const forged = { ...dispatch, lease: { ...dispatch.lease, fence: dispatch.lease.fence + 1 } };
    await expect(keep(named, forged)).rejects.toMatchObject({ code: 'E_LEASE_LOST' });
    const { runId: next } = await started(stage(), 'another');
    await expect(keep(named, { ...dispatch, run_id: next })).rejects.toMatchObject({ code: 'E_LEASE_LOST' });
    const binary = {
      name: 'x',
      media_type: 'x/y',
      content_base64: Buffer.from([255, 254, 0]).toString('base64'),
      truncated: false,
    };
    await expect(finish(named, dispatch, 'succeeded', { artifacts: [binary] })).rejects.toMatchObject({
      code: 'E_VALIDATION',
    });
    expect((await finish(named, dispatch, 'failed', { message: 'could not' })).state).toBe('failed');
    await finish(other, await claimed(other), 'succeeded');
  });

  it('cancel and panic reach the agent in the answer to its heartbeat', async () => {
    const agent = await agentOf(stage());
    const { opId } = await started(stage(), 'stop me');
    const dispatch = await claimed(agent);
    await stage().alice.client.call('opsCancel', { params: { op_id: opId }, body: { reason: 'enough' } });
    expect(await keep(agent, dispatch)).toMatchObject({ cancel: true, panic: false });
    expect((await finish(agent, dispatch, 'cancelled')).state).toBe('cancelled');
    await started(stage(), 'wait for calm');
    await stage().admin.client.call('panicSet', { body: { on: true, reason: 'test' } });
    expect(await claim(agent)).toBeNull();
    await liftPanic(stage().admin.client, 'test');
    const calm = await claimed(agent);
    await stage().admin.client.call('panicSet', { body: { on: true, reason: 'test' } });
    expect(await report(agent, calm, 1, 'still here')).toMatchObject({ panic: true });
    await liftPanic(stage().admin.client, 'test');
    expect((await finish(agent, calm, 'succeeded')).state).toBe('succeeded');
  });
});

describeServer('lost agents', { config: { agents: { lease_ms: shortMs } } }, (stage) => {
  it('a lost agent leaves its run in doubt: nobody is told the same again, and a person says what happened', async () => {
    const { alice, bob } = stage();
    const [agent, other] = [await agentOf(stage()), await agentOf(stage())];
    const { opId, runId } = await started(stage(), 'vanish');
    const dispatch = await claimed(agent);
    await until(alice.client, opId, 'in doubt', ({ run }) => run?.state === 'outcome_unknown');
    expect(await claim(other)).toBeNull();
    await expect(finish(agent, dispatch, 'succeeded')).rejects.toMatchObject({ code: 'E_LEASE_LOST' });
    const { runs } = await alice.client.call('runList', {});
    expect(runs.find(({ id }) => id === runId)).toMatchObject({ status: 'error', detail: { outcome: 'unknown' } });
    const resolve = (by: Client) =>
      by.call('opsResolve', { params: { op_id: opId }, body: { outcome: 'not_applied', reason: 'nothing is there' } });
    await expect(resolve(agent)).rejects.toMatchObject({ status: 403 });
    await resolve(bob.client);
    await waitUntil('the run has ended', async () => (await show(alice.client, opId)).run?.state === 'failed');
  }, 60_000);
});

describeServer('agents and workers', {}, (stage) => {
  it('an agent that cannot tell leaves it to a person', async () => {
    const agent = await agentOf(stage());
    const { opId } = await started(stage(), 'cannot tell');
    const dispatch = await claimed(agent);
    expect((await finish(agent, dispatch, 'unknown')).state).toBe('outcome_unknown');
    expect((await finish(agent, dispatch, 'unknown')).state).toBe('outcome_unknown');
    const { run } = await show(stage().alice.client, opId);
    expect(run?.steps[0]?.state).toBe('unknown');
  });

  it('no worker gets an instruction, and none may say that it serves the target', async () => {
    const { opId } = await started(stage(), 'not for workers');
    const worker = await stage().bearer({ name: `greedy-${stage().dialect}`, kind: 'worker', role: 'worker' });
    const instance = stage().running.context.ids.next();
    const { manifests } = await stage().running.context.store.read(async (reads) => ({
      manifests: await stage().running.context.catalogue.manifests(reads),
    }));
    const announce = (some: typeof manifests) =>
      worker.client.call('workerRegister', {
        body: {
          worker: 'greedy',
          instance,
          version: '1',
          targets: [{ name: 'agent', connector: 'agent', status: 'ready', message: '' }],
          manifests: some,
        },
      });
    await expect(announce(manifests)).rejects.toMatchObject({ code: 'E_VALIDATION' });
    await announce(manifests.filter(({ connector }) => connector !== 'agent'));
    const body = {
      worker: 'greedy',
      instance,
      kinds: ['run' as const, 'plan' as const, 'reconcile' as const],
      wait_ms: 300,
    };
    expect(await worker.client.call('workerClaim', { body })).toEqual({ job: null });
    expect((await show(stage().alice.client, opId)).run?.state).toBe('queued');
    const agent = await agentOf(stage());
    await finish(agent, await claimed(agent), 'succeeded');
  });
});

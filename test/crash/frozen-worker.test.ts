import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, connect, httpWorkerPort } from '@countersign/client';
import { manifestOf } from '@countersign/connector-kit';
import { repoConnector } from '@countersign/connector-repo';
import type { OperationView } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { type Installation, makeInstallation, type People } from './installation.ts';
import { effectsIn } from './oracle.ts';

const leaseMs = 1000;

async function propose(client: Client, content: string): Promise<string> {
  const inputs = { files: [{ path: 'file.txt', content }], message: `write ${content}` };
  const steps = [{ action: 'repo.write_files', inputs }];
  const body = { target: 'target-0', steps, start: 'when_allowed', request_id: randomUUID() } as const;
  return (await client.call('opsPlan', { body, preferWaitSeconds: 0 })).op_id;
}

/** Resolves at the moment at which the operation's first intent is known to be durable. */
async function intended(client: Client, opId: string): Promise<void> {
  for await (const { event } of client.events(opId))
    if (event.type === 'state' && event.subject === 'step 0' && event.state === 'intent') return;
}

function closed(client: Client, opId: string): Promise<OperationView> {
  return waitUntil(`${opId} ends`, async () => {
    const view = await client.call('opsGet', { params: { op_id: opId } });
    return view.state === 'closed' && view;
  });
}

async function written(client: Client, opId: string, by: string): Promise<string[]> {
  const { entries } = await client.call('audit', { query: { subject: opId, limit: 500 } });
  const own = entries.filter(({ actor }) => actor.principal === `worker:${by}`);
  return own.sort((left, right) => (left.leaf_index ?? 0) - (right.leaf_index ?? 0)).map(({ event }) => event);
}

async function withServer(work: (installation: Installation, people: People) => Promise<void>): Promise<void> {
  await using installation = await makeInstallation({ targets: 1, leaseMs });
  await installation.serve({ worker: false });
  await work(installation, await installation.enrol());
}

it('a worker frozen between intent and effect is taken over, and changes nothing once it wakes (promise 2)', async () => {
  await withServer(async (installation, { requester, workerNamed }) => {
    const repository = installation.targets[0]?.repository ?? '';
    const frozen = await installation.work(await workerNamed('frozen'), { name: 'frozen' });
    const froze: string[] = [];
    for (let round = 1; froze.length === 0; round += 1) {
      const opId = await propose(requester, `round ${round}\n`);
      await intended(requester, opId);
      process.kill(frozen.pid, 'SIGSTOP');
      await sleep(200);
      // Its git may have been quicker than the signal: that is no test of anything, and is tried again.
      if (effectsIn(repository).size === round) process.kill(frozen.pid, 'SIGCONT');
      else froze.push(opId);
      if (round === 20) throw new Error('the worker was never frozen between intent and effect');
      if (froze.length === 0) await closed(requester, opId);
    }
    const [opId = ''] = froze;
    const before = effectsIn(repository).size;
    const heir = await installation.work(await workerNamed('heir'), { name: 'heir' });
    const view = await closed(requester, opId);
    expect(view.run?.state).toBe('succeeded');
    expect(effectsIn(repository).size).toBe(before + 1);
    const beforeItWoke = await written(requester, opId, 'frozen');
    // A claim that it had sent before may have been given the run once more; that lease ran out like the first.
    expect(beforeItWoke.slice(0, 3)).toEqual(['plan.made', 'run.started', 'step.intent']);
    expect(beforeItWoke.slice(3).every((event) => event === 'run.started')).toBe(true);

    process.kill(frozen.pid, 'SIGCONT');
    await sleep(3 * leaseMs);
    expect(await written(requester, opId, 'frozen')).toEqual(beforeItWoke);
    expect(await written(requester, opId, 'heir')).toContain('run.succeeded');
    const effects = effectsIn(repository);
    expect(effects.size).toBe(before + 1);
    expect([...effects.values()].every((count) => count === 1)).toBe(true);
    expect((await closed(requester, opId)).run).toEqual(view.run);

    await heir.kill();
    const next = await closed(requester, await propose(requester, 'after\n'));
    expect(next.run?.state, 'who was frozen works on').toBe('succeeded');
  });
}, 120_000);

it('every write of a worker that lost its lease is refused with E_LEASE_LOST (promise 2)', async () => {
  await withServer(async (installation, { requester, workerNamed }) => {
    const port = httpWorkerPort(connect({ url: installation.url, token: await workerNamed('silent') }));
    const heirToken = await workerNamed('heir');
    const own = { worker: 'silent', instance: '019ab000-0000-7000-8000-000000000001' };
    const targets = [{ name: 'target-0', connector: 'repo', status: 'ready', message: '' } as const];
    await port.register({ ...own, version: '0', targets, manifests: [manifestOf(repoConnector)] });
    const opId = await propose(requester, 'silent\n');
    // The plan is made by a real worker, which is gone before the run is claimed.
    const planner = await installation.work(heirToken, { name: 'heir' });
    const view = await closed(requester, opId);
    expect(view.run?.state).toBe('succeeded');
    await planner.kill('SIGTERM');

    const second = await propose(requester, 'taken over\n');
    const job = await port.claim({ ...own, kinds: ['plan'], wait_ms: 5000 }, AbortSignal.timeout(10_000));
    if (job === null) throw new Error('there is a plan to make');
    expect(job.op_id).toBe(second);
    const fence = { job_id: job.job_id, fence: job.fence, instance: own.instance };
    await port.heartbeat(fence);
    await installation.work(heirToken, { name: 'heir' });
    expect((await closed(requester, second)).run?.state).toBe('succeeded');

    const lost = expect.objectContaining({ code: 'E_LEASE_LOST' });
    await expect(port.heartbeat(fence)).rejects.toEqual(lost);
    const event = { type: 'progress', step: 0, message: 'late', fraction: null } as const;
    await expect(port.appendOutput(fence, { first: 1, events: [event] })).rejects.toEqual(lost);
    await expect(port.recordIntent(fence, { index: 0, before: null, guard: null })).rejects.toEqual(lost);
    const outcome = { index: 0, outcome: 'failed', after: null, guard: null } as const;
    await expect(port.recordOutcome(fence, outcome)).rejects.toEqual(lost);
    const error = { code: 'E_INTERNAL', message: 'late' };
    await expect(port.complete(fence, { kind: 'plan', result: { error } })).rejects.toEqual(lost);
    expect((await closed(requester, second)).run?.state).toBe('succeeded');
  });
}, 120_000);

import { expect, it } from 'vitest';
import { registration } from '../fixture/engine-bench.ts';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { withSession } from '../fixture/with-session.ts';
import { proposeOperation } from '../operation/propose-operation.ts';
import { claimJob } from './claim-job.ts';
import { completeJob } from './complete-job.ts';
import { listWorkers } from './list-workers.ts';
import { registerWorker } from './register-worker.ts';

const keyid = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** A worker of a name that joined for this scope. */
async function joined(
  { context }: Session,
  worker: string,
  scope: { targets: string[]; actions: string[] },
): Promise<void> {
  await context.store.write(async (unit) => {
    const id = context.ids.next();
    await unit.tokens.insert({
      ...{ id, hash: `key:${worker}`, name: worker, kind: 'worker', role: 'worker', grants: [], groups: [] },
      ...{ scopes: null, principal: `worker:${worker}`, root: `worker:${worker}`, ai: false, parent: null },
      ...{ createdAt: 1, expiresAt: null, revokedAt: null, lastUsedAt: null, useCount: 0, steppedUpAt: null },
    });
    const key = { worker, keyid: keyid(worker.slice(-1)), publicKey: 'AA', tokenId: id, scope, enrolledAt: 1 };
    await unit.workerKeys.put(key);
  });
}

const propose = async ({ context }: Session, target: string, action: string) =>
  await proposeOperation(context, callerOf('ada'), {
    selector: { target },
    steps: [{ action, inputs: { value: 'x' } }],
    ...{ start: 'manual', note: '', plannedBy: null, origin: 'api', rollbackOf: null, idempotency: null },
  });

const claimAs = ({ context }: Session, worker: string, instance: string) =>
  claimJob(context, { worker, instance, kinds: ['plan'], wait_ms: 0 }, new AbortController().signal);

it('of what a worker offers counts what the server knows, within its scope; the rest is told back with the reason (DO-1, DO-19)', async () => {
  await withSession(async (session) => {
    const { context, targets } = session;
    const [dev, stage] = targets;
    await joined(session, 'w-a', { targets: [dev?.name ?? ''], actions: ['fake.look'] });
    const offer = registration('w-a', context.ids.next(), targets);
    const strange = { name: 'elsewhere', connector: 'fake', status: 'ready' as const, message: '' };
    const answer = await registerWorker(context, { ...offer, targets: [...offer.targets, strange] });
    const declined = new Map(answer.declined.map(({ target, why }) => [target, why]));
    expect(declined.get('elsewhere')).toContain('no target of that name');
    expect(declined.get(stage?.name ?? '')).toContain('outside of the scope');
    expect(answer.server_version).toBe(context.settings.version);
    const known = await context.store.read((reads) => reads.workers.get('w-a'));
    expect(known?.targets).toMatchObject([{ name: dev?.name, actions: ['fake.look'] }]);
  });
});

it('its own allowlist narrows its scope, never the other way round', async () => {
  await withSession(async (session) => {
    const { context, targets } = session;
    const [dev] = targets;
    await joined(session, 'w-a', { targets: ['*'], actions: ['fake.look', 'fake.set'] });
    const offer = registration('w-a', context.ids.next(), targets.slice(0, 1));
    const offered = offer.targets.map((target) => ({ ...target, actions: ['fake.set', 'fake.drop'] }));
    await registerWorker(context, { ...offer, targets: offered });
    const known = await context.store.read((reads) => reads.workers.get('w-a'));
    expect(known?.targets).toMatchObject([{ name: dev?.name, actions: ['fake.set'] }]);
  });
});

it('what no worker does there is refused when it is proposed, and says who serves it and what to do', async () => {
  await withSession(async (session) => {
    const { context, targets } = session;
    const [dev] = targets;
    await joined(session, 'worker', { targets: ['*'], actions: ['fake.look', 'fake.set'] });
    await session.register();
    expect(await propose(session, dev?.name ?? '', 'fake.drop')).toMatchObject({
      ok: false,
      code: 'E_WORKER_UNAVAILABLE',
      detail: { field: '/steps/0/action', workers: ['worker'], next: expect.stringContaining('countersign workers') },
    });
    expect(await propose(session, dev?.name ?? '', 'fake.nothing')).toMatchObject({ code: 'E_ACTION_UNKNOWN' });
    expect((await propose(session, dev?.name ?? '', 'fake.set')).ok).toBe(true);
    await registerWorker(context, registration('second', context.ids.next(), targets));
    expect((await propose(session, dev?.name ?? '', 'fake.drop')).ok).toBe(true);
  });
});

it('a job goes to the worker that may do it, whoever asks first', async () => {
  await withSession(async (session) => {
    const { context, targets, bench } = session;
    const [dev] = targets;
    await joined(session, 'w-a', { targets: ['*'], actions: ['fake.look'] });
    const narrow = context.ids.next();
    await registerWorker(context, registration('w-a', narrow, targets));
    expect((await propose(session, dev?.name ?? '', 'fake.set')).ok).toBe(true);
    expect(await claimAs(session, 'w-a', narrow)).toBeNull();
    expect(await claimAs(session, 'worker', session.instance)).toBeNull();
    bench.clock.advance(1001);
    expect(await claimAs(session, 'worker', session.instance)).toMatchObject({ kind: 'plan', fence: 2 });
  });
});

it('what a worker refuses, whatever it was asked for, stands in the log by a name of its own (DO-19)', async () => {
  await withSession(async (session) => {
    const { context, targets } = session;
    const [dev] = targets;
    await session.register();
    const end = async (failure: { code: string; message: string }) => {
      expect((await propose(session, dev?.name ?? '', 'fake.set')).ok).toBe(true);
      const job = await claimAs(session, 'worker', session.instance);
      if (job === null) throw new Error('there is no job');
      const fence = { job_id: job.job_id, fence: job.fence, instance: session.instance };
      await completeJob(context, fence, { kind: 'plan', result: { error: failure } });
      return job;
    };
    await end({ code: 'E_TARGET_UNREACHABLE', message: 'it does not answer' });
    const { job_id, op_id } = await end({ code: 'E_WORKER_REFUSED', message: 'its own allowlist does not hold it' });
    const log = (await context.store.read((reads) => reads.audit.query({ limit: 500 }))).map(({ body }) => body);
    expect(log.filter(({ event }) => event === 'worker.refused')).toMatchObject([
      {
        actor: { principal: 'worker:worker' },
        subject: { kind: 'operation', id: op_id },
        outcome: 'refused',
        detail: { job_id, kind: 'plan', target: dev?.name, message: 'its own allowlist does not hold it' },
      },
    ]);
    expect(log.filter(({ event }) => event === 'plan.failed')).toHaveLength(2);
  });
});

it('each worker is shown with version, skew, last sign of life and readiness, to whoever sees one of its targets (DO-3)', async () => {
  await withSession(async (session) => {
    const { targets, bench } = session;
    const context = { ...session.context, settings: { ...session.context.settings, workerSilenceMs: 10_000 } };
    await joined(session, 'w-a', { targets: ['*'], actions: ['fake.look'] });
    await joined(session, 'w-b', { targets: ['*'], actions: ['*'] });
    const offer = registration('w-a', context.ids.next(), targets.slice(0, 1));
    const failing = offer.targets.map((target) => ({ ...target, status: 'degraded' as const, message: 'slow' }));
    const { version } = context.settings;
    await registerWorker(context, { ...offer, version, targets: failing });
    const seen = async (who: Parameters<typeof callerOf>[0]) => await listWorkers(context, callerOf(who));
    const views = await seen('ada');
    expect(views.map(({ worker, status, credential }) => [worker, status, credential])).toEqual([
      ['w-a', 'degraded', 'key'],
      ['w-b', 'unavailable', 'key'],
      ['worker', 'degraded', 'inside'],
    ]);
    expect(views[0]).toMatchObject({
      skew: 'same',
      last_seen_at: context.clock.now(),
      scope: { actions: ['fake.look'] },
      connectors: [{ connector: 'fake', status: 'degraded' }],
      targets: [{ status: 'degraded', message: 'slow', actions: ['fake.look'] }],
    });
    expect(views[1]).toMatchObject({
      version: null,
      last_seen_at: null,
      message: expect.stringContaining('never came'),
    });
    expect(views[2]).toMatchObject({ skew: 'unknown', message: expect.stringContaining('cannot be compared') });
    bench.clock.advance(context.settings.workerSilenceMs + 1000);
    const silent = await seen('ada');
    expect(silent.every(({ status }) => status === 'unavailable')).toBe(true);
    expect(silent[0]?.message).toMatch(/silent for \d+ s/);
    const stranger = callerOf('ada');
    const elsewhere = { role: 'actions' as const, project: 'elsewhere', environment: '*' as const };
    const foreign = { ...stranger, principal: { ...stranger.principal, grants: [elsewhere] } };
    expect(await listWorkers(context, foreign)).toEqual([]);
  });
});

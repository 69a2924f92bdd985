import { type ConnectedTarget, defineConnector, manifestOf } from '@countersign/connector-kit';
import {
  CodedError,
  type CompleteRequest,
  type Job,
  type WorkerAuditFact,
  type WorkerPort,
} from '@countersign/protocol';
import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { WorkAudit } from '../audit/work-audit.ts';
import { approvalOf, fakeAction, jobOf, openIntent } from '../fixture/fake-job.ts';
import { Worker } from './worker.ts';

afterEach(() => vi.useRealTimers());

/** A worker with one job at hand; `target` is what its connector does. */
function workerOn(
  job: Job,
  target: Partial<ConnectedTarget>,
  plannedBy = '1',
  actions: readonly string[] | undefined = undefined,
  serves = job.target.name,
  audit: WorkAudit | undefined = undefined,
): { worker: Worker; completed: CompleteRequest[] } {
  const completed: CompleteRequest[] = [];
  let given = false;
  const port: WorkerPort = {
    register: async () => ({ lease_ms: 30_000, heartbeat_ms: 10_000, server_version: '1', declined: [] }),
    async claim({ kinds }, signal) {
      if (!given && kinds.includes(job.kind)) {
        given = true;
        return made;
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw signal.reason;
    },
    heartbeat: async () => ({ lease_ms: 30_000, cancel: false, panic: false }),
    assigned: (_request, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    appendOutput: async () => undefined,
    recordIntent: async () => ({ go: true }),
    recordOutcome: async () => undefined,
    complete: async (_fence, request) => {
      completed.push(request);
    },
  };
  const byTheBook: ConnectedTarget = {
    readiness: async () => ({ status: 'ready', message: '' }),
    plan: () => Promise.reject(new Error('not asked for')),
    observe: () => Promise.reject(new Error('not asked for')),
    before: async () => null,
    apply: async () => ({ after: null, guard: null }),
    verify: async () => null,
    reconcile: async () => ({ answer: 'indeterminate', after: null, guard: null }),
    replay: () => Promise.reject(new Error('not asked for')),
    read: async () => ({ summary: {}, artifacts: [] }),
    close: async () => undefined,
  };
  const connector = defineConnector({
    name: 'fake',
    version: '1',
    config: z.strictObject({}),
    actions: [fakeAction({ timeoutMs: 600_000 })],
    connect: () => ({ ...byTheBook, ...target }),
  });
  const { hash } = manifestOf(connector);
  const named = { name: 'fake', version: plannedBy, manifest_hash: hash };
  const made: Job = job.plan === null ? job : { ...job, ...approvalOf(job.steps, { ...job.plan, connector: named }) };
  const worker = new Worker({
    name: 'worker',
    instance: '019ab000-0000-7000-8000-000000000009',
    version: '1',
    port,
    connectors: [connector],
    targets: [{ name: serves, connector: 'fake', config: {}, actions }],
    ports: { exec: { run: () => Promise.reject(new Error('no programs here')) }, now: () => 1000 },
    faults: { hit: () => undefined },
    slots: { run: 2, look: 2 },
    audit,
    onError: () => undefined,
  });
  return { worker, completed };
}

it('a worker that stops ends a follow at once, with what it has', async () => {
  const begun = Promise.withResolvers<void>();
  const { worker, completed } = workerOn(jobOf(1, { kind: 'read' }), {
    async read(_step, { signal }) {
      begun.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return { summary: { lines: 3 }, artifacts: [] };
    },
  });
  await worker.start();
  await begun.promise;
  await worker.stop();
  expect(completed).toMatchObject([{ kind: 'read', result: 'cancelled', summary: { lines: 3 } }]);
});

it('a worker that stops lets a run come to its end', async () => {
  const begun = Promise.withResolvers<void>();
  const effect = Promise.withResolvers<void>();
  const done = [{ index: 0, state: 'intent' as const, before: null, after: null, guard: null }];
  const intent = { index: 0, idempotency_key: 'key.0', before: null, guard: null, recorded_at: 1 };
  const { worker, completed } = workerOn(jobOf(1, { done, intent }), {
    async reconcile() {
      begun.resolve();
      await effect.promise;
      return { answer: 'applied', after: null, guard: null };
    },
  });
  await worker.start();
  await begun.promise;
  const stopping = worker.stop();
  effect.resolve();
  await stopping;
  expect(completed).toMatchObject([{ kind: 'run', result: 'succeeded' }]);
});

it('a worker that stops waits 20 s for a run, then leaves it as after a kill', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const begun = Promise.withResolvers<AbortSignal>();
  const done = [{ index: 0, state: 'intent' as const, before: null, after: null, guard: null }];
  const intent = { index: 0, idempotency_key: 'key.0', before: null, guard: null, recorded_at: 1 };
  const { worker, completed } = workerOn(jobOf(1, { done, intent }), {
    async reconcile(_step, _intent, { signal }) {
      begun.resolve(signal);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw new Error('interrupted');
    },
  });
  await worker.start();
  const signal = await begun.promise;
  let stopped = false;
  const stopping = worker.stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(19_000);
  expect({ stopped, aborted: signal.aborted }).toEqual({ stopped: false, aborted: false });
  await vi.advanceTimersByTimeAsync(1500);
  await stopping;
  expect(signal.aborted).toBe(true);
  expect(completed).toEqual([]);
});

it('a worker refuses a plan that another version of its connector made, before it looks at the target', async () => {
  const { worker, completed } = workerOn(jobOf(1), {}, '0');
  await worker.start();
  await vi.waitFor(() => expect(completed).toHaveLength(1));
  await worker.stop();
  expect(completed).toMatchObject([{ result: 'stale', failure: { code: 'E_PLAN_STALE' } }]);
});

const kinds: readonly (readonly [Job['kind'], Partial<Job>])[] = [
  ['plan', { kind: 'plan', plan: null, plan_digest: null }],
  ['read', { kind: 'read', plan: null, plan_digest: null }],
  ['run', { kind: 'run' }],
  ['reconcile', { kind: 'reconcile' }],
];

it.each(kinds)(
  'a %s of what the own allowlist does not hold is refused before the target is touched (DO-19)',
  async (kind, change) => {
    const touched: string[] = [];
    const note = (name: string) => () => {
      touched.push(name);
      return Promise.reject(new Error('touched'));
    };
    const all = ['plan', 'observe', 'before', 'apply', 'verify', 'reconcile', 'replay', 'read'];
    const target = Object.fromEntries(all.map((name) => [name, note(name)]));
    const { worker, completed } = workerOn(jobOf(1, change), target, '1', ['fake.another']);
    await worker.start();
    await vi.waitFor(() => expect(completed).toHaveLength(1));
    await worker.stop();
    expect(touched).toEqual([]);
    const refused = { code: 'E_WORKER_REFUSED', message: expect.stringContaining('its own allowlist') };
    const expected = {
      plan: { kind, result: { error: refused } },
      read: { kind, result: 'failed', failure: refused },
      run: { kind, result: 'failed', failure: refused },
      reconcile: { kind, result: 'indeterminate' },
    };
    expect(completed[0]).toMatchObject(expected[kind]);
  },
);

it('a job for a target that the worker does not have is refused at once, not left until its lease is over', async () => {
  const job = jobOf(1, { kind: 'read', plan: null, plan_digest: null });
  const { worker, completed } = workerOn(job, {}, '1', undefined, 'another');
  await worker.start();
  await vi.waitFor(() => expect(completed).toHaveLength(1));
  await worker.stop();
  expect(completed[0]).toMatchObject({
    result: 'failed',
    failure: { code: 'E_WORKER_REFUSED', message: expect.stringContaining('has no target') },
  });
});

it('what it refuses stands in its own audit, and so does what it takes on before it looks at the target (DO-1)', async () => {
  const facts: WorkerAuditFact[] = [];
  const audit: WorkAudit = { record: async (fact) => void facts.push(fact), close: async () => void facts.splice(9) };
  for (const allowed of [['fake.another'], undefined]) {
    const { worker, completed } = workerOn(jobOf(1), {}, '1', allowed, undefined, audit);
    await worker.start();
    await vi.waitFor(() => expect(completed).toHaveLength(1));
    await worker.stop();
  }
  expect(facts).toMatchObject([
    { note: 'refused', code: 'E_WORKER_REFUSED', job: { op_id: jobOf(1).op_id, kind: 'run' } },
    { note: 'claimed', code: null },
    { note: 'ended', outcome: 'failed', code: 'E_INTERNAL', message: 'not asked for' },
  ]);
});

it.each(kinds)('a %s that its own audit does not take is not begun', async (_kind, change) => {
  const looked: string[] = [];
  const note = (name: string) => () => {
    looked.push(name);
    return Promise.reject(new Error('touched'));
  };
  const target = { plan: note('plan'), observe: note('observe'), reconcile: note('reconcile'), read: note('read') };
  const full = new CodedError('E_STORE', 'no room');
  const audit: WorkAudit = { record: () => Promise.reject(full), close: async () => undefined };
  const { worker, completed } = workerOn(
    jobOf(1, { intent: openIntent(0), ...change }),
    target,
    '1',
    undefined,
    undefined,
    audit,
  );
  await worker.start();
  await vi.waitFor(() => expect(completed).toHaveLength(1));
  await worker.stop();
  expect(looked).toEqual([]);
  if (change.kind !== 'reconcile') expect(JSON.stringify(completed)).toContain('E_STORE');
});

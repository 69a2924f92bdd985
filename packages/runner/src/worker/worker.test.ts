import { type ConnectedTarget, defineConnector, manifestOf } from '@countersign/connector-kit';
import type { CompleteRequest, Job, WorkerPort } from '@countersign/protocol';
import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { approvalOf, fakeAction, jobOf } from '../fixture/fake-job.ts';
import { Worker } from './worker.ts';

afterEach(() => vi.useRealTimers());

/** A worker with one job at hand; `target` is what its connector does. */
function workerOn(
  job: Job,
  target: Partial<ConnectedTarget>,
  plannedBy = '1',
): { worker: Worker; completed: CompleteRequest[] } {
  const completed: CompleteRequest[] = [];
  let given = false;
  const port: WorkerPort = {
    register: async () => ({ lease_ms: 30_000, heartbeat_ms: 10_000 }),
    async claim({ kinds }, signal) {
      if (!given && kinds.includes(job.kind)) {
        given = true;
        return made;
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      throw signal.reason;
    },
    heartbeat: async () => ({ lease_ms: 30_000, cancel: false, panic: false }),
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
    targets: [{ name: job.target.name, connector: 'fake', config: {} }],
    ports: { exec: { run: () => Promise.reject(new Error('no programs here')) }, now: () => 1000 },
    faults: { hit: () => undefined },
    slots: { run: 2, look: 2 },
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

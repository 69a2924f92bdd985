import type { EngineContext } from '@countersign/engine';
import { CodedError, type Fence, type WorkerPort } from '@countersign/protocol';
import { ok } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

type Noun = Pick<
  Handlers,
  | 'workerRegister'
  | 'workerClaim'
  | 'workerHeartbeat'
  | 'workerOutput'
  | 'workerIntent'
  | 'workerOutcome'
  | 'workerComplete'
  | 'workerAssigned'
>;

/** One token, one worker: a second process with the same token is refused while the first was heard lately. */
async function refuseSecond(context: EngineContext, worker: string, instance: string): Promise<void> {
  const known = await context.store.read((reads) => reads.workers.get(worker));
  if (known === null || known.instance === instance) return;
  const silentMs = context.clock.now() - known.lastSeenAt;
  if (silentMs >= context.settings.leaseMs) return;
  throw new CodedError('E_STATE', `worker "${worker}" was heard ${silentMs} ms ago from another process`, {
    retry_after_ms: context.settings.leaseMs - silentMs,
    next: 'give each worker a token of its own; one that was killed may come back when its lease is over',
  });
}

/** A fence holds only for the worker whose token it comes with. */
async function assertOwn(context: EngineContext, worker: string, fence: Fence): Promise<void> {
  const job = await context.store.read((reads) => reads.jobs.get(fence.job_id));
  if (job?.leaseWorker === worker) return;
  throw new CodedError('E_LEASE_LOST', 'this job is no longer yours', {
    job_id: fence.job_id,
    next: 'stop at once; another worker goes on',
  });
}

/** The worker port over HTTP. A worker is called by its token's name, whatever it calls itself. */
export function workerRoutes(context: EngineContext, port: WorkerPort): Noun {
  return {
    async workerRegister({ caller, body }) {
      const worker = caller.principal.name;
      await refuseSecond(context, worker, body.instance);
      return ok(await port.register({ ...body, worker }));
    },
    async workerClaim({ caller, body, signal }) {
      return ok({ job: await port.claim({ ...body, worker: caller.principal.name }, signal) });
    },
    async workerAssigned({ caller, body, signal }) {
      return ok(await port.assigned({ ...body, worker: caller.principal.name }, signal));
    },
    async workerHeartbeat({ caller, body }) {
      await assertOwn(context, caller.principal.name, body.fence);
      return ok(await port.heartbeat(body.fence));
    },
    async workerOutput({ caller, body }) {
      await assertOwn(context, caller.principal.name, body.fence);
      await port.appendOutput(body.fence, body.request);
      return ok({});
    },
    async workerIntent({ caller, body }) {
      await assertOwn(context, caller.principal.name, body.fence);
      return ok(await port.recordIntent(body.fence, body.request));
    },
    async workerOutcome({ caller, body }) {
      await assertOwn(context, caller.principal.name, body.fence);
      await port.recordOutcome(body.fence, body.request);
      return ok({});
    },
    async workerComplete({ caller, body }) {
      await assertOwn(context, caller.principal.name, body.fence);
      await port.complete(body.fence, body.request);
      return ok({});
    },
  };
}

import type { WorkerPort } from '@countersign/protocol';
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
>;

/** The worker port over HTTP: the same functions that serve the worker in process. */
export function workerRoutes(port: WorkerPort): Noun {
  return {
    workerRegister: async ({ body }) => ok(await port.register(body)),
    workerClaim: async ({ body, signal }) => ok({ job: await port.claim(body, signal) }),
    workerHeartbeat: async ({ body }) => ok(await port.heartbeat(body.fence)),
    async workerOutput({ body }) {
      await port.appendOutput(body.fence, body.request);
      return ok({});
    },
    workerIntent: async ({ body }) => ok(await port.recordIntent(body.fence, body.request)),
    async workerOutcome({ body }) {
      await port.recordOutcome(body.fence, body.request);
      return ok({});
    },
    async workerComplete({ body }) {
      await port.complete(body.fence, body.request);
      return ok({});
    },
  };
}

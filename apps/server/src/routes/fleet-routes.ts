import {
  type EngineContext,
  enrolWorker,
  listEnrolments,
  listWorkers,
  makeEnrolment,
  revokeEnrolment,
  revokeWorker,
} from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

type Noun = Pick<
  Handlers,
  'workerList' | 'workerRevoke' | 'workerEnrol' | 'enrolmentList' | 'enrolmentCreate' | 'enrolmentRevoke'
>;

/** Handlers of looking after workers, and of letting them in. */
export function fleetRoutes(context: EngineContext): Noun {
  return {
    workerList: async ({ caller }) => ok({ workers: await listWorkers(context, caller) }),
    workerRevoke: async ({ caller, params }) => ok(unwrap(await revokeWorker(context, caller, params.name))),
    enrolmentList: async () => ok({ enrolments: await listEnrolments(context) }),
    enrolmentCreate: async ({ caller, body }) => ({
      status: 201,
      body: unwrap(await makeEnrolment(context, caller, body)),
    }),
    enrolmentRevoke: async ({ caller, params }) =>
      ok(unwrap(await revokeEnrolment(context, caller, params.enrolment_id))),
    async workerEnrol({ caller, body, reply }) {
      const origin = { address: reply.request.ip, correlationId: caller.correlationId };
      return ok(unwrap(await enrolWorker(context, body, origin)));
    },
  };
}

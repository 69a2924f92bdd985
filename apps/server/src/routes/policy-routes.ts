import {
  breakGlass,
  type EngineContext,
  explainPolicy,
  freezeEnvironment,
  liftFreeze,
  listBreakGlass,
  listFreezes,
  readOperation,
  reloadPolicies,
  reviewBreakGlass,
  viewPolicies,
} from '@countersign/engine';
import { runIdOf, uuidOfOperationRef } from '@countersign/protocol';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

type Noun = Pick<
  Handlers,
  | 'policyShow'
  | 'policyExplain'
  | 'policyReload'
  | 'freezeList'
  | 'freezeSet'
  | 'opsBreakGlass'
  | 'opsBreakGlassReview'
  | 'breakGlassList'
>;

/** The operation behind any of its spellings; the schema let nothing else through. */
function operationId(ref: string): string {
  return uuidOfOperationRef(ref) ?? ref;
}

/** Handlers of policies, frozen environments and broken glass. */
export function policyRoutes(context: EngineContext): Noun {
  return {
    policyShow: async () => ok(viewPolicies(context)),
    policyExplain: async ({ caller, body }) => ok(unwrap(await explainPolicy(context, caller, body))),
    policyReload: async ({ caller }) => ok(unwrap(await reloadPolicies(context, caller))),
    freezeList: async ({ caller }) => ok({ freezes: await listFreezes(context, caller) }),
    async freezeSet({ caller, body }) {
      const { project, environment, reason, until } = body;
      const place = { project, environment, reason };
      if (body.frozen) unwrap(await freezeEnvironment(context, caller, { ...place, until: until ?? null }));
      else unwrap(await liftFreeze(context, caller, place));
      return ok({ freezes: await listFreezes(context, caller) });
    },
    async opsBreakGlass({ caller, params, body }) {
      const opId = operationId(params.op_id);
      const run = unwrap(await breakGlass(context, caller, { opId, digest: body.digest, reason: body.reason }));
      const operation = unwrap(await readOperation(context, caller, opId));
      return ok({ op_id: opId, bundle_id: operation.bundle_id, status: operation.status, run_id: runIdOf(run.id) });
    },
    async opsBreakGlassReview({ caller, params, body }) {
      const opId = operationId(params.op_id);
      return ok(unwrap(await reviewBreakGlass(context, caller, { opId, ...body })));
    },
    async breakGlassList({ caller, query }) {
      const wanted = { open: query.open === 'true', limit: query.limit };
      return ok({ break_glass: await listBreakGlass(context, caller, wanted) });
    },
  };
}

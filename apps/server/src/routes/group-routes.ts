import { type EngineContext, proposeGroup, readGroup, readJob } from '@countersign/engine';
import { CodedError, type Principal } from '@countersign/protocol';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Nobody asks for something as somebody else. */
function refuseOther(actor: string, { id, name, root }: Principal): void {
  if ([id, name, root].includes(actor)) return;
  throw new CodedError('E_AUTH_FORBIDDEN', `"${actor}" is not you`, {
    field: '/actor_id',
    next: `say "${name}", or use the token of whoever asks`,
  });
}

/** Handlers of groups, and of the source's addresses for them. */
export function groupRoutes(
  context: EngineContext,
): Pick<Handlers, 'groupPropose' | 'groupGet' | 'aliasExecute' | 'aliasJob'> {
  return {
    async groupPropose({ caller, body }) {
      const { groupId, opIds } = unwrap(await proposeGroup(context, caller, body));
      return ok({ group_id: groupId, op_ids: opIds });
    },
    groupGet: async ({ caller, params }) =>
      ok({ group_id: params.group_id, operations: unwrap(await readGroup(context, caller, params.group_id)) }),
    async aliasExecute({ caller, body }) {
      refuseOther(body.actor_id, caller.principal);
      const actions = body.actions.map(({ action, params, client_request_id, target, environment }) => ({
        action,
        inputs: params,
        request_id: client_request_id,
        project: body.workspace_id,
        ...(target === undefined ? {} : { target: typeof target === 'string' ? target : target.name }),
        ...(environment === undefined ? {} : { environment }),
      }));
      const plannedBy = body.planned_by === undefined ? {} : { planned_by: body.planned_by };
      const { opIds } = unwrap(await proposeGroup(context, caller, { actions, ...plannedBy }));
      return ok({ job_ids: opIds });
    },
    aliasJob: async ({ caller, params }) => ok(unwrap(await readJob(context, caller, params.job_id))),
  };
}

import {
  type Caller,
  decideGroup,
  type EngineContext,
  issueGroupConfirmation,
  proposeGroup,
  proposeSelection,
  readGroup,
  readJob,
  startGroup,
  stopGroup,
} from '@countersign/engine';
import { CodedError, type Outcome, type Principal } from '@countersign/protocol';
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
): Pick<
  Handlers,
  | 'groupPropose'
  | 'groupGet'
  | 'groupSelect'
  | 'groupConfirmation'
  | 'groupConfirm'
  | 'groupApprove'
  | 'groupStart'
  | 'groupStop'
  | 'aliasExecute'
  | 'aliasJob'
> {
  const view = async (caller: Caller, group: Outcome<string>) =>
    ok(unwrap(await readGroup(context, caller, unwrap(group))));
  return {
    async groupPropose({ caller, body }) {
      const { groupId, opIds } = unwrap(await proposeGroup(context, caller, body));
      return ok({ group_id: groupId, op_ids: opIds });
    },
    groupGet: async ({ caller, params }) => ok(unwrap(await readGroup(context, caller, params.group_id))),
    groupSelect: async ({ caller, body, signal }) =>
      view(caller, await proposeSelection(context, caller, body, signal)),
    groupConfirmation: async ({ caller, params }) =>
      ok(unwrap(await issueGroupConfirmation(context, caller, params.group_id))),
    async groupConfirm({ caller, params, body }) {
      const { operations, confirmation, comment = '' } = body;
      const decision = { groupId: params.group_id, kind: 'confirm', operations, confirmation, comment } as const;
      return await view(caller, await decideGroup(context, caller, decision));
    },
    async groupApprove({ caller, params, body }) {
      const { operations, confirmation, comment = '' } = body;
      const decision = { groupId: params.group_id, kind: 'approve', operations, confirmation, comment } as const;
      return await view(caller, await decideGroup(context, caller, decision));
    },
    groupStart: async ({ caller, params, body }) =>
      view(caller, await startGroup(context, caller, { groupId: params.group_id, operations: body.operations })),
    groupStop: async ({ caller, params, body }) =>
      view(caller, await stopGroup(context, caller, { groupId: params.group_id, reason: body.reason ?? '' })),
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

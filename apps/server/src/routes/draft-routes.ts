import {
  askCommand,
  createDraft,
  decideDraft,
  type EngineContext,
  editDraft,
  generateDraft,
  listApproved,
  listCommands,
  listDrafts,
  listRuns,
  putTaskPlan,
  readApproved,
  readDraft,
  readRunLog,
  readTaskPlan,
  startApproved,
  waitForPlan,
} from '@countersign/engine';
import { runIdOf } from '@countersign/protocol';
import { type Answer, type Call, ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';
import { operationId, refuseDraft } from './operation-id.ts';

const defaultWaitMs = 10_000;

type Noun = Pick<
  Handlers,
  | 'draftList'
  | 'draftCreate'
  | 'draftGet'
  | 'draftEdit'
  | 'draftApprove'
  | 'draftReject'
  | 'draftGenerate'
  | 'aiCommandList'
  | 'aiCommandAsk'
  | 'approvedList'
  | 'approvedGet'
  | 'runCreate'
  | 'runList'
  | 'taskPlanGet'
  | 'taskPlanPut'
  | 'aliasDraftList'
  | 'aliasApprovedList'
  | 'aliasRunList'
  | 'runLog'
>;

/** The request id of a body, else the key of the header. */
export function keyed<Body extends { readonly request_id?: string | undefined }>({
  body,
  idempotencyKey,
}: Call<unknown, unknown, Body>): Body {
  return body.request_id === undefined && idempotencyKey !== undefined ? { ...body, request_id: idempotencyKey } : body;
}

/** Handlers of drafts, of what was approved, of their runs and of the task list. */
export function draftRoutes(context: EngineContext): Noun {
  const view = async ({ caller }: Call, opId: string) => unwrap(await readDraft(context, caller, opId));
  const drafts = ({
    caller,
    query,
  }: Call<unknown, { status: 'pending' | 'rejected'; before?: string | undefined; limit: number }>) =>
    listDrafts(context, caller, query.status, { before: query.before, limit: query.limit });
  const approved = ({ caller, query }: Call<unknown, { before?: string | undefined; limit: number }>) =>
    listApproved(context, caller, { before: query.before, limit: query.limit });
  const runs = ({ caller, query }: Call<unknown, { before?: string | undefined; limit: number }>) =>
    listRuns(context, caller, { before: query.before, limit: query.limit });
  return {
    draftList: async (call) => ok({ drafts: await drafts(call) }),
    aliasDraftList: async (call) => ok(await drafts(call)),
    async draftCreate(call) {
      const opId = unwrap(await createDraft(context, call.caller, keyed(call)));
      return { status: 201, body: await view(call, opId) };
    },
    draftGet: async (call) => ok(await view(call, operationId(call.params.draft_id))),
    async draftEdit(call) {
      const opId = operationId(call.params.draft_id);
      unwrap(await editDraft(context, call.caller, opId, call.body));
      const done = await waitForPlan(context, opId, call.waitMs ?? defaultWaitMs, call.signal);
      return { status: done ? 200 : 202, body: await view(call, opId) };
    },
    async draftApprove(call): Promise<Answer> {
      const opId = operationId(call.params.draft_id);
      const { digest, comment } = call.body;
      const confirmedElsewhere = call.reply.request.routeOptions.config.lane !== 'alias';
      const decision = { opId, decision: 'approve', digest, comment: comment ?? '', confirmedElsewhere } as const;
      unwrap(await decideDraft(context, call.caller, decision));
      const given = await readApproved(context, call.caller, opId);
      return given.ok ? ok(given.value) : { status: 202, body: await view(call, opId) };
    },
    async draftReject(call) {
      const opId = operationId(call.params.draft_id);
      const { digest, reason } = call.body;
      const decision = { opId, decision: 'reject', digest, comment: reason ?? '', confirmedElsewhere: false } as const;
      unwrap(await decideDraft(context, call.caller, decision));
      return ok(await view(call, opId));
    },
    async draftGenerate(call) {
      const opId = unwrap(await generateDraft(context, call.caller, keyed(call)));
      return { status: 201, body: await view(call, opId) };
    },
    aiCommandList: async () => ok({ commands: listCommands() }),
    async aiCommandAsk(call) {
      const { command } = call.params;
      const opId = unwrap(await askCommand(context, call.caller, command, keyed(call), call.signal));
      return { status: 201, body: await view(call, opId) };
    },
    approvedList: async (call) => ok({ approved: await approved(call) }),
    aliasApprovedList: async (call) => ok(await approved(call)),
    async approvedGet({ caller, params }) {
      refuseDraft(params.approved_id, 'params/approved_id');
      return ok(unwrap(await readApproved(context, caller, operationId(params.approved_id))));
    },
    async runCreate(call) {
      const { approved_id: ref, request_id: requestId } = keyed(call);
      refuseDraft(ref, '/approved_id');
      const run = unwrap(await startApproved(context, call.caller, operationId(ref), requestId));
      return { status: 201, body: { run_id: runIdOf(run.id) } };
    },
    runList: async (call) => ok({ runs: await runs(call) }),
    aliasRunList: async (call) => ok(await runs(call)),
    runLog: async ({ caller, params }) => ok(unwrap(await readRunLog(context, caller, params.run_id))),
    taskPlanGet: async () => ok(unwrap(await readTaskPlan(context))),
    taskPlanPut: async ({ caller, body }) => ok(unwrap(await putTaskPlan(context, caller, body))),
  };
}

import {
  cancelOperation,
  decideApproval,
  type EngineContext,
  editOperation,
  findOperation,
  issueConfirmation,
  listOperations,
  proposeOperation,
  proposeRollback,
  readOperation,
  refuseReserved,
  replanOperation,
  resolveOutcome,
  startRun,
  waitForPlan,
} from '@countersign/engine';
import { JsonObject, ProposeByType, type ProposeRequest, runIdOf } from '@countersign/protocol';
import { type Answer, type Call, ok, unwrap } from '../http/handler.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import type { Handlers } from './handlers.ts';
import { operationId, refuseDraft } from './operation-id.ts';

const defaultWaitMs = 10_000;

type Noun = Pick<
  Handlers,
  | 'opsPlan'
  | 'opsExecute'
  | 'opsList'
  | 'opsGet'
  | 'opsEdit'
  | 'opsReplan'
  | 'opsConfirmation'
  | 'opsConfirm'
  | 'opsApprove'
  | 'opsReject'
  | 'opsCancel'
  | 'opsResolve'
  | 'opsRollback'
  | 'opsEvents'
>;

const reservedFields: readonly string[] = ['type', 'target', 'project', 'environment', 'request_id'];

/** The source's spelling, `{type, …inputs}`, as the canonical proposal. */
function canonical(body: ProposeRequest | ProposeByType): ProposeRequest {
  const byType = ProposeByType.safeParse(body);
  if (!byType.success || 'steps' in body) return body as ProposeRequest;
  const { type, target, project, environment, request_id } = byType.data;
  unwrap(refuseReserved(type));
  const inputs = Object.fromEntries(Object.entries(byType.data).filter(([key]) => !reservedFields.includes(key)));
  return {
    steps: [{ action: type, inputs: JsonObject.parse(inputs) }],
    ...(target === undefined ? {} : { target }),
    ...(project === undefined ? {} : { project }),
    ...(environment === undefined ? {} : { environment }),
    ...(request_id === undefined ? {} : { request_id }),
  };
}

/** Handlers of operations. */
export function operationRoutes(context: EngineContext, streams: StreamHub): Noun {
  const view = async (call: Call, opId: string): Promise<Answer> =>
    ok(unwrap(await readOperation(context, call.caller, opId)));
  const planned = async (call: Call, opId: string): Promise<Answer> => {
    const done = await waitForPlan(context, opId, call.waitMs ?? defaultWaitMs, call.signal);
    return { status: done ? 200 : 202, body: unwrap(await readOperation(context, call.caller, opId)) };
  };
  return {
    async opsPlan(call) {
      const body = canonical(call.body);
      const { target, project, environment } = body;
      const { request_id: given, ...meant } = body;
      const requestId = given ?? call.idempotencyKey;
      const opId = unwrap(
        await proposeOperation(context, call.caller, {
          selector: {
            ...(target === undefined ? {} : { target }),
            ...(project === undefined ? {} : { project }),
            ...(environment === undefined ? {} : { environment }),
          },
          steps: body.steps,
          start: body.start ?? 'manual',
          note: body.note ?? '',
          plannedBy: body.planned_by ?? null,
          origin: 'api',
          rollbackOf: null,
          idempotency:
            requestId === undefined ? null : { route: 'ops.plan', key: requestId, body: JsonObject.parse(meant) },
        }),
      );
      return await planned(call, opId);
    },
    async opsExecute(call) {
      const { op_id: ref, digest, request_id: given, busy } = call.body;
      const requestId = given ?? call.idempotencyKey;
      refuseDraft(ref, 'op_id');
      const opId = operationId(ref);
      const run = unwrap(await startRun(context, call.caller, { opId, digest, requestId, busy: busy ?? 'queue' }));
      const operation = unwrap(await readOperation(context, call.caller, opId));
      return ok({ op_id: opId, bundle_id: operation.bundle_id, status: operation.status, run_id: runIdOf(run.id) });
    },
    async opsList({ caller, query }) {
      const { state, before, project, environment, target, group, limit } = query;
      const operations = await listOperations(context, caller, {
        limit,
        ...(state === undefined ? {} : { states: [state] }),
        ...(before === undefined ? {} : { beforeId: before }),
        ...(project === undefined ? {} : { project }),
        ...(environment === undefined ? {} : { environment }),
        ...(target === undefined ? {} : { target }),
        ...(group === undefined ? {} : { group }),
      });
      return ok({ operations });
    },
    opsGet: async (call) => await view(call, operationId(call.params.op_id)),
    async opsEdit(call) {
      const { steps, revision } = call.body;
      return await planned(
        call,
        unwrap(await editOperation(context, call.caller, operationId(call.params.op_id), { steps, revision })),
      );
    },
    opsReplan: async (call) =>
      await planned(call, unwrap(await replanOperation(context, call.caller, operationId(call.params.op_id)))),
    opsConfirmation: async (call) =>
      ok(unwrap(await issueConfirmation(context, call.caller, operationId(call.params.op_id)))),
    async opsConfirm(call) {
      const { digest, confirmation, comment } = call.body;
      return await view(
        call,
        unwrap(
          await decideApproval(context, call.caller, {
            opId: operationId(call.params.op_id),
            kind: 'confirm',
            digest,
            confirmation,
            comment: comment ?? '',
          }),
        ),
      );
    },
    async opsApprove(call) {
      const { digest, confirmation, comment } = call.body;
      return await view(
        call,
        unwrap(
          await decideApproval(context, call.caller, {
            opId: operationId(call.params.op_id),
            kind: 'approve',
            digest,
            confirmation,
            comment: comment ?? '',
          }),
        ),
      );
    },
    async opsReject(call) {
      const { digest, reason } = call.body;
      return await view(
        call,
        unwrap(
          await decideApproval(context, call.caller, {
            opId: operationId(call.params.op_id),
            kind: 'reject',
            digest,
            comment: reason,
          }),
        ),
      );
    },
    opsCancel: async (call) =>
      await view(
        call,
        unwrap(await cancelOperation(context, call.caller, operationId(call.params.op_id), call.body.reason ?? '')),
      ),
    async opsResolve(call) {
      const { outcome, reason } = call.body;
      return await view(
        call,
        unwrap(await resolveOutcome(context, call.caller, operationId(call.params.op_id), outcome, reason)),
      );
    },
    async opsRollback(call) {
      const { request_id: given, note } = call.body;
      const requestId = given ?? call.idempotencyKey;
      return await planned(
        call,
        unwrap(
          await proposeRollback(context, call.caller, operationId(call.params.op_id), { requestId, note: note ?? '' }),
        ),
      );
    },
    async opsEvents(call) {
      const opId = operationId(call.params.op_id);
      const { caller, query, lastEventId } = call;
      const { target: place } = unwrap(
        await context.store.read((reads) => findOperation(reads, caller, opId, 'viewer')),
      );
      await streams.open({ key: opId, caller, place, query, lastEventId }, call.reply);
      return 'sent';
    },
  };
}

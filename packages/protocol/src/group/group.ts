import { z } from 'zod';
import { OperationView, TargetSelector } from '../operation/operation.ts';
import { PlannedBy } from '../planner/planned-by.ts';
import { ActionName, JsonObject, Name, RequestId, Uuid } from '../scalar/scalar.ts';
import { WavesView } from './waves.ts';

/** Most actions of one group. */
const mostActions = 32;

/** One action of a group, with the key that makes it once. */
const GroupAction = TargetSelector.extend({
  action: ActionName,
  inputs: JsonObject.default({}),
  request_id: RequestId,
});

/** Several actions on one or several targets, taken all or not at all. Each becomes an operation with its own plan and run. */
export const GroupRequest = z.strictObject({
  actions: z.array(GroupAction).min(1).max(mostActions),
  planned_by: PlannedBy.optional(),
});
export type GroupRequest = z.infer<typeof GroupRequest>;
export const GroupAnswer = z.strictObject({ group_id: Uuid, op_ids: z.array(Uuid) });
/** Operations that were taken together, oldest first; `waves` is null where they run each by itself. */
export const GroupView = z.strictObject({
  group_id: Uuid,
  operations: z.array(OperationView),
  waves: WavesView.nullable(),
});
export type GroupView = z.infer<typeof GroupView>;

/** The source's `POST /ai/execute` (IP-4): actions as a planner answered them, and as whom they are asked for. */
export const AiExecuteRequest = z.strictObject({
  actions: z
    .array(
      // A planner's answer may be handed in as it came: what else it says of an action is not looked at.
      z.object({
        provider: Name,
        action: ActionName,
        params: JsonObject,
        client_request_id: Uuid,
        /** By name, or as a planner's answer has it. */
        target: z.union([Name, z.object({ name: Name })]).optional(),
        environment: Name.optional(),
      }),
    )
    .min(1)
    .max(mostActions),
  /** The project. */
  workspace_id: Name,
  /** The caller: by name, by root or by principal. */
  actor_id: z.string().min(1).max(256),
  planned_by: PlannedBy.optional(),
});
export type AiExecuteRequest = z.infer<typeof AiExecuteRequest>;
export const AiExecuteAnswer = z.strictObject({ job_ids: z.array(Uuid) });

/** The source's job (IP-5), and what it waits for. */
export const AiJobView = z.strictObject({
  status: z.enum(['pending', 'running', 'completed', 'error']),
  /** What came of it; null before. */
  result: JsonObject.nullable(),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  duration_ms: z.int().nonnegative().nullable(),
  op_id: Uuid,
  display: z.string(),
  next: z.array(z.string()),
});
export type AiJobView = z.infer<typeof AiJobView>;

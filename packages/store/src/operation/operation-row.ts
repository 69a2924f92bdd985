import type { Operation } from '@countersign/kernel';
import {
  ClosedReason,
  Effect,
  OperationState,
  PlannedBy,
  PrincipalKind,
  Risk,
  Role,
  StartMode,
  StepInput,
  TargetRef,
  Verdict,
} from '@countersign/protocol';
import { z } from 'zod';
import { integer, json } from '../codec/column.ts';
import { jsonText, jsonTextOrNull } from '../codec/json-text.ts';

/** Columns of `operation`. Target name, project and environment stand beside the whole reference because lists filter by them. */
export const OperationRow = z.object({
  id: z.string(),
  bundle_id: z.string(),
  state: OperationState,
  closed_reason: ClosedReason.nullable(),
  effect: Effect,
  risk: Risk,
  origin: z.enum(['api', 'action', 'rollback']),
  target_name: z.string(),
  project: z.string(),
  environment: z.string(),
  target: json(TargetRef),
  steps: json(z.array(StepInput)),
  start_mode: StartMode,
  note: json(z.string()),
  requester: json(
    z.object({
      principal: z.string(),
      name: z.string(),
      kind: PrincipalKind,
      role: Role,
      root: z.string(),
      ai: z.boolean(),
    }),
  ),
  planned_by: json(PlannedBy).nullable(),
  revision: integer,
  verdict: json(Verdict).nullable(),
  verdict_digest: z.string().nullable(),
  rollback_of: z.string().nullable(),
  group_id: z.string().nullable(),
  correlation_id: json(z.string()),
  created_at: integer,
  updated_at: integer,
});
export type OperationRow = z.input<typeof OperationRow>;

/** The operation of a decoded row. */
export function operationOf(row: z.output<typeof OperationRow>): Operation {
  return {
    id: row.id,
    bundleId: row.bundle_id,
    state: row.state,
    closedReason: row.closed_reason,
    effect: row.effect,
    risk: row.risk,
    origin: row.origin,
    target: row.target,
    steps: row.steps,
    start: row.start_mode,
    note: row.note,
    requester: row.requester,
    plannedBy: row.planned_by,
    revision: row.revision,
    verdict: row.verdict,
    verdictDigest: row.verdict_digest,
    rollbackOf: row.rollback_of,
    groupId: row.group_id,
    correlationId: row.correlation_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** The row of an operation. */
export function operationRow(operation: Operation): OperationRow {
  return {
    id: operation.id,
    bundle_id: operation.bundleId,
    state: operation.state,
    closed_reason: operation.closedReason,
    effect: operation.effect,
    risk: operation.risk,
    origin: operation.origin,
    target_name: operation.target.name,
    project: operation.target.project,
    environment: operation.target.environment,
    target: jsonText(operation.target),
    steps: jsonText(operation.steps),
    start_mode: operation.start,
    note: jsonText(operation.note),
    requester: jsonText(operation.requester),
    planned_by: jsonTextOrNull(operation.plannedBy),
    revision: operation.revision,
    verdict: jsonTextOrNull(operation.verdict),
    verdict_digest: operation.verdictDigest,
    rollback_of: operation.rollbackOf,
    group_id: operation.groupId,
    correlation_id: jsonText(operation.correlationId),
    created_at: operation.createdAt,
    updated_at: operation.updatedAt,
  };
}

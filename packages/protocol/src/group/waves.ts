import { z } from 'zod';
import { PlannedBy } from '../planner/planned-by.ts';
import { ActionName, EpochMs, JsonObject, Name, RequestId, Uuid } from '../scalar/scalar.ts';
import { Tier } from '../target/target.ts';

/** Most operations that one selection may become. */
export const mostMembers = 100;

/** How many of a group one wave takes: a number, or a share of all of them. */
export const WaveSize = z.union([
  z.int().min(1).max(mostMembers),
  z.string().regex(/^(?:100|[1-9][0-9]?)%$/, 'a number from 1, or a share from 1% to 100%'),
]);
export type WaveSize = z.infer<typeof WaveSize>;

const Label = z.string().min(1).max(1024);

/**
 * One action for everything that a selector names on one or several targets. `labels` is a Kubernetes label selector
 * (`app=web,tier!=db,zone in (a,b),!canary`), `names` are names or aliases; both together narrow. What they name when this is
 * asked becomes the group, and nothing else ever. The last of `waves` is repeated until everything is in one.
 */
export const SelectionRequest = z.strictObject({
  action: ActionName,
  /** Inputs of the action without the one that names the thing. */
  inputs: JsonObject.default({}),
  request_id: RequestId,
  targets: z.array(Name).min(1).max(16).optional(),
  project: Name.optional(),
  environment: Name.optional(),
  tier: Tier.optional(),
  labels: Label.optional(),
  names: z.array(z.string().min(1).max(253)).min(1).max(mostMembers).optional(),
  waves: z.array(WaveSize).min(1).max(mostMembers).default([1]),
  note: z.string().max(2000).optional(),
  planned_by: PlannedBy.optional(),
});
export type SelectionRequest = z.infer<typeof SelectionRequest>;

/** `waiting` for its start; `stopped` for good. */
export const GroupState = z.enum(['waiting', 'running', 'succeeded', 'stopped']);
export type GroupState = z.infer<typeof GroupState>;

/**
 * Why nothing more of a group begins. `wave` and `op_id` are of what did not succeed; null where a person stopped it, and `op_id`
 * also where the caller does not see it.
 */
export const WaveStop = z.strictObject({
  wave: z.int().positive().nullable(),
  op_id: Uuid.nullable(),
  code: z.string(),
  reason: z.string(),
});
export type WaveStop = z.infer<typeof WaveStop>;

const WaveView = z.strictObject({
  state: z.enum(['pending', 'running', 'succeeded', 'failed', 'not_started']),
  /** What the operations are about, in order: those that the caller sees. */
  members: z.array(z.strictObject({ op_id: Uuid, target: z.string(), name: z.string() })),
});

/** How a group runs and how far it is. */
export const WavesView = z.strictObject({
  state: GroupState,
  action: ActionName,
  labels: z.string().nullable(),
  requester: z.string(),
  started_by: z.string().nullable(),
  /** How many waves have begun. */
  begun: z.int().nonnegative(),
  waves: z.array(WaveView),
  stop: WaveStop.nullable(),
  created_at: EpochMs,
  updated_at: EpochMs,
  next: z.array(z.string()),
});
export type WavesView = z.infer<typeof WavesView>;

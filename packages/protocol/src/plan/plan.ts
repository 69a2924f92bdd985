import { z } from 'zod';
import { Replay } from '../action/action.ts';
import { ActionName, JsonObject, Name, Sha256Digest } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';

/** One typed action with its inputs, as proposed. */
export const StepInput = z.strictObject({ action: ActionName, inputs: JsonObject });
export type StepInput = z.infer<typeof StepInput>;

/** One ordered step of a plan; secrets stand as `{"$sealed": hmac}`. */
export const PlanStep = StepInput.extend({ index: z.int().nonnegative(), version: z.int().positive(), replay: Replay });
export type PlanStep = z.infer<typeof PlanStep>;

/** What changes at one place. `patch` is the exact change, `summary` one line; `step` says which step makes it. */
export const Diff = z.strictObject({
  step: z.int().nonnegative(),
  path: z.string(),
  summary: z.string(),
  patch: z.string(),
});
export type Diff = z.infer<typeof Diff>;

export const CheckStatus = z.enum(['pass', 'warn', 'fail']);
export const Severity = z.enum(['error', 'warning', 'info']);
/** One preflight check. A `fail` of severity `error` blocks the run. */
export const Check = z.strictObject({
  id: z.string().min(1),
  status: CheckStatus,
  severity: Severity,
  message: z.string(),
  file: z.string().optional(),
  line: z.int().positive().optional(),
});
export type Check = z.infer<typeof Check>;

/** Fingerprint of target state the plan depends on; compared again before the first effect. */
export const Precondition = z.strictObject({
  resource: z.string().min(1),
  kind: z.string().min(1),
  fingerprint: Sha256Digest,
  /** The observed fields behind the fingerprint, shown to the approver. Never volatile, never secret. */
  observed: JsonObject,
});
export type Precondition = z.infer<typeof Precondition>;

/** How the change would be taken back: shown steps, or why it cannot be. */
export const RollbackPlan = z.discriminatedUnion('possible', [
  z.strictObject({
    possible: z.literal(true),
    summary: z.string(),
    /** Inverse steps in the order they would run; `undoes` is the index of the step each takes back. */
    steps: z.array(StepInput.extend({ undoes: z.int().nonnegative() })).min(1),
  }),
  z.strictObject({ possible: z.literal(false), reason: z.string().min(1) }),
]);
export type RollbackPlan = z.infer<typeof RollbackPlan>;

/** Target identity inside the digest: who it is called, and who the connector found it to be. */
export const PlanTarget = TargetRef.extend({ identity: z.string().min(1) });
export type PlanTarget = z.infer<typeof PlanTarget>;

/** The digested part of a plan. Holds no time, random id, requester or policy version. */
export const PlanBody = z.strictObject({
  schema: z.literal('countersign.plan.v1'),
  target: PlanTarget,
  steps: z.array(PlanStep).min(1),
  preconditions: z.array(Precondition),
  diffs: z.array(Diff),
  checks: z.array(Check),
  rollback: RollbackPlan,
  connector: z.strictObject({ name: Name, version: z.string(), manifest_hash: Sha256Digest }),
});
export type PlanBody = z.infer<typeof PlanBody>;

/** Observations that age (container uptime, counts): shown beside the plan, never digested. */
export const Volatile = z.array(z.strictObject({ label: z.string(), value: z.string() }));
export type Volatile = z.infer<typeof Volatile>;

/** A plan that could not be made. */
export const PlanError = z.strictObject({ code: z.string(), message: z.string(), detail: JsonObject.optional() });
export type PlanError = z.infer<typeof PlanError>;

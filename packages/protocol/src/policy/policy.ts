import { z } from 'zod';
import { Effect, Risk } from '../action/action.ts';
import { Verdict } from '../approval/approval.ts';
import { ActionName, EpochMs, JsonObject, Name } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';
import { PrincipalKind, Role } from '../token/token.ts';

/** What is wrong at one place of a policy file. */
export const PolicyFaultView = z.strictObject({
  file: z.string(),
  policy: z.string().nullable(),
  line: z.int().positive().nullable(),
  problem: z.string(),
  expected: z.string(),
});
export type PolicyFaultView = z.infer<typeof PolicyFaultView>;

/** The policies that decide now, and what is wrong with the files as they are, if that is something else. */
export const PolicyView = z.strictObject({
  version: z.string(),
  profile: z.enum(['standard', 'solo']),
  policies: z.array(
    z.strictObject({
      id: z.string(),
      effect: z.enum(['permit', 'forbid']),
      file: z.string(),
      line: z.int(),
      text: z.string(),
    }),
  ),
  faults: z.array(PolicyFaultView),
});
export type PolicyView = z.infer<typeof PolicyView>;

/** What became of reading the files again. */
export const PolicyReloadView = z.strictObject({
  changed: z.boolean(),
  version: z.string(),
  /** Waiting operations whose verdict is another one now. */
  redecided: z.int().nonnegative(),
});
export type PolicyReloadView = z.infer<typeof PolicyReloadView>;

/** Somebody as policy knows them; what is left out is as usual for a person called `somebody`. */
export const ExplainPrincipal = z.strictObject({
  name: Name.default('somebody'),
  kind: PrincipalKind.default('person'),
  role: Role.default('actions'),
  root: Name.optional(),
  ai: z.boolean().optional(),
});
export type ExplainPrincipal = z.infer<typeof ExplainPrincipal>;

export const PolicyPhase = z.enum(['propose', 'read', 'run', 'approve']);
export type PolicyPhase = z.infer<typeof PolicyPhase>;

/** Asks why somebody may or may not do an action on a target: the caller, or whoever `principal` describes. */
export const ExplainRequest = z.strictObject({
  principal: ExplainPrincipal.optional(),
  action: ActionName,
  target: Name,
  inputs: JsonObject.default({}),
  phase: PolicyPhase.optional(),
  /** Asks about this moment, with its freezes and windows, where it is not given. */
  frozen: z.boolean().optional(),
  in_window: z.boolean().optional(),
});
export type ExplainRequest = z.infer<typeof ExplainRequest>;

/** The answer: the verdict with the policies' texts, and both in plain sentences. */
export const ExplainView = z.strictObject({
  asked: z.strictObject({
    phase: PolicyPhase,
    principal: z.strictObject({ name: z.string(), kind: PrincipalKind, role: Role, root: z.string(), ai: z.boolean() }),
    action: z.string(),
    effect: Effect,
    risk: Risk,
    target: TargetRef,
    at: EpochMs,
    frozen: z.boolean(),
    in_window: z.boolean(),
  }),
  verdict: Verdict,
  explanation: z.string(),
});
export type ExplainView = z.infer<typeof ExplainView>;

import { z } from 'zod';
import { Effect, Risk } from '../action/action.ts';
import { Verdict } from '../approval/approval.ts';
import { TargetSelector } from '../operation/operation.ts';
import { ActionName, JsonObject, Name, Uuid } from '../scalar/scalar.ts';
import { TargetRef } from '../target/target.ts';
import { PlannedBy } from './planned-by.ts';

/** A text that somebody read somewhere and hands to the planner: data that may lie, never an instruction. */
export const PlanDocument = z.strictObject({
  /** Where it is from, such as `docker.logs`. */
  source: z.string().min(1).max(64),
  text: z.string().max(32_000),
});
export type PlanDocument = z.infer<typeof PlanDocument>;

/** What somebody wants, in their own words; the selector narrows where. */
export const PlanPromptRequest = TargetSelector.extend({
  prompt: z.string().min(1).max(4000),
  documents: z.array(PlanDocument).max(8).optional(),
});
export type PlanPromptRequest = z.infer<typeof PlanPromptRequest>;

/** One thing that the planner read as something that exists, and by what. */
export const PlanResolution = z.strictObject({
  /** `target`, or the input as JSON pointer. */
  field: z.string(),
  said: z.string(),
  meant: z.string(),
  by: z.enum(['exact', 'alias', 'near', 'only']),
});
export type PlanResolution = z.infer<typeof PlanResolution>;

/** One typed action of a plan, in the source's words (IP-1): `provider` is the connector, `params` are the inputs. */
export const PlannedAction = z.strictObject({
  provider: Name,
  action: ActionName,
  params: JsonObject,
  client_request_id: Uuid,
});
export type PlannedAction = z.infer<typeof PlannedAction>;

/** The same with where it goes, what was read as what, and what policy says of it as it stands now. */
export const PlannedActionView = PlannedAction.extend({
  target: TargetRef,
  resolved: z.array(PlanResolution),
  effect: Effect,
  risk: Risk,
  /** A change is asked about as it would stand with a plan whose checks pass and no decision yet. */
  verdict: Verdict,
});
export type PlannedActionView = z.infer<typeof PlannedActionView>;

const Clarify = z.strictObject({
  question: z.string(),
  options: z.array(z.strictObject({ label: z.string(), prompt: z.string() })),
});
const PlanRefusal = z.strictObject({ code: z.string(), reason: z.string() });

/** What an answer cost, by the prices of the configuration. */
export const TokenCost = z.strictObject({ amount: z.number().nonnegative(), currency: z.string() });
export type TokenCost = z.infer<typeof TokenCost>;

const meta = {
  model: z.string(),
  /** Seconds. */
  duration: z.number().nonnegative(),
  tokens_in: z.int().nonnegative(),
  tokens_out: z.int().nonnegative(),
};
const answer = {
  intent: z.string(),
  /** From 0 to 1. */
  confidence: z.number().min(0).max(1),
  clarify: Clarify.optional(),
  refusal: PlanRefusal.optional(),
};

/** Answer of a planner: data only. To ask back or refuse it has no actions. */
export const PlanPromptView = z.strictObject({
  plan_id: Uuid,
  kind: z.enum(['plan', 'clarify', 'refuse']),
  plan: z.strictObject({ ...answer, actions: z.array(PlannedActionView) }),
  /** To be sent along with a proposal made of this; it says whether a model wrote it. */
  planned_by: PlannedBy,
  meta: z.strictObject({
    ...meta,
    planner: z.enum(['rules', 'model']),
    provider: Name,
    /** Null where no price is configured. */
    cost: TokenCost.nullable(),
    /** How the planner came to this, for people. */
    detail: JsonObject,
  }),
});
export type PlanPromptView = z.infer<typeof PlanPromptView>;

/** The source's request and answer of `POST /ai/plan2` (IP-1, IP-3). */
export const Plan2Request = z.strictObject({ prompt: PlanPromptRequest.shape.prompt });
export const Plan2View = z.strictObject({
  plan: z.strictObject({ ...answer, actions: z.array(PlannedAction) }),
  meta: z.strictObject(meta),
});
export type Plan2View = z.infer<typeof Plan2View>;

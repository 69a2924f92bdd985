import { z } from 'zod';
import { ActionName, JsonObject, Name, Sha256Digest } from '../scalar/scalar.ts';

/** `read` looks, `write` changes, `destructive` changes what cannot simply be changed back. */
export const Effect = z.enum(['read', 'write', 'destructive']);
export type Effect = z.infer<typeof Effect>;
export const Risk = z.enum(['low', 'medium', 'high']);
export type Risk = z.infer<typeof Risk>;
/** What happens when an effect is attempted twice: `guard` and `target_key` make a second attempt harmless. */
export const Idempotency = z.enum(['guard', 'target_key', 'none']);
export type Idempotency = z.infer<typeof Idempotency>;
/** How faithfully an auditor can do the change again: same result, simulated, or not at all. */
export const Replay = z.enum(['exact', 'simulated', 'none']);
export type Replay = z.infer<typeof Replay>;

const Phrase = z.string().trim().min(1).max(120);

/**
 * How people ask for an action, for planners that read sentences by rules. Words are lower case; `{input}` stands for the value of an
 * input, `{input=value}` says that the phrase alone means that value. Left out, a planner goes by title, name and inputs.
 */
export const Wording = z.strictObject({
  /** What is done, as one English word that the planner's lexicon has in all languages, or as a phrase of its own. */
  verbs: z.array(Phrase).max(32).optional(),
  /** What it is done to. */
  nouns: z.array(Phrase).max(32).optional(),
  /** Whole ways to ask for it: `docker ps`, `who changed`. */
  asks: z.array(Phrase).max(128).optional(),
  /** Ways to say an input: `last {tail} lines`. */
  details: z.array(Phrase).max(128).optional(),
});
export type Wording = z.infer<typeof Wording>;

/** One action as its connector announces it. Times are milliseconds, sizes bytes. */
export const ActionManifest = z.strictObject({
  name: ActionName,
  version: z.int().positive(),
  title: z.string().min(1),
  description: z.string().min(1),
  effect: Effect,
  risk: Risk,
  timeoutMs: z.int().positive(),
  outputCapBytes: z.int().positive(),
  idempotency: Idempotency,
  replay: Replay,
  /** Whether output may be followed while it grows (`docker.logs --follow`). */
  follows: z.boolean(),
  /**
   * JSON Schema (draft 2020-12) of the inputs. `"x-secret": true` marks a secret property, `"x-entity"` the kind of thing that a
   * property names, `"x-ask": true` one that is wanted though the schema does not require it, `"x-from-prompt": true` a text that is
   * the sentence itself where nothing else was said, `"x-content": true` a text that a planner may write itself: every other text must
   * be said in the sentence, or name something that is there.
   */
  inputSchema: JsonObject,
  /**
   * The action that a step of this one is always followed by, with these of its inputs: what puts things right if it did not turn
   * out well. A proposal without it gets it, so that it is shown, decided on and approved as a step.
   */
  compensation: z.strictObject({ action: ActionName, inputs: z.array(z.string().min(1).max(64)).max(16) }).optional(),
  wording: Wording.optional(),
});
export type ActionManifest = z.infer<typeof ActionManifest>;

/** How the names of one kind of thing are read from a target: by a read action, from its summary. */
export const EntityListing = z.strictObject({
  /** The kind, as `"x-entity"` says it: `container`. */
  entity: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
  action: ActionName,
  inputs: JsonObject,
  /** The property of the read's summary that holds the list. */
  list: z.string().min(1).max(64),
  /** The property of each entry that is its name. */
  name: z.string().min(1).max(64),
  /** Properties that hold further names. */
  aliases: z.array(z.string().min(1).max(64)).max(4),
  /** The property of each entry that holds its labels, by key; left out where such things have none. */
  labels: z.string().min(1).max(64).optional(),
});
export type EntityListing = z.infer<typeof EntityListing>;

/** Everything a connector can do, with the digest of its canonical JSON (without `hash` itself). */
export const ConnectorManifest = z.strictObject({
  connector: Name,
  version: z.string().min(1).max(32),
  actions: z.array(ActionManifest).min(1),
  /** How the things that its actions name are listed. */
  inventory: z.array(EntityListing).max(16).optional(),
  hash: Sha256Digest,
});
export type ConnectorManifest = z.infer<typeof ConnectorManifest>;

import type { Effect, Idempotency, Replay, Risk, Wording } from '@countersign/protocol';
import type { z } from 'zod';

/** One typed action. Times in milliseconds, sizes in bytes. */
export interface ActionDefinition {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly description: string;
  readonly effect: Effect;
  readonly risk: Risk;
  readonly timeoutMs: number;
  readonly outputCapBytes: number;
  readonly idempotency: Idempotency;
  readonly replay: Replay;
  readonly follows: boolean;
  readonly inputs: z.ZodObject;
  /**
   * The action that a step of this one is always followed by, with these of its inputs: what puts things right if it did
   * not turn out well. A proposal without it gets it, so that it is shown, decided on and approved as a step.
   */
  readonly compensation?: { readonly action: string; readonly inputs: readonly string[] };
  /** How people ask for it; left out, planners go by title, name and inputs. */
  readonly wording?: Wording;
}

/** Declares an action; refuses combinations that could hide an effect. */
export function defineAction(action: ActionDefinition): ActionDefinition {
  if (action.follows && action.effect !== 'read') throw new Error(`${action.name}: only a read may follow`);
  return action;
}

import { accept, type Outcome, refuse, stepUpFreshMs } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

/** When a caller proved who they are, if that is recent enough to count; null otherwise. */
export function freshStepUp(context: Pick<EngineContext, 'clock'>, { steppedUpAt }: Caller): number | null {
  const now = context.clock.now();
  return steppedUpAt !== null && steppedUpAt <= now && now - steppedUpAt <= stepUpFreshMs ? steppedUpAt : null;
}

/** When the caller proved who they are; refuses with E_STEP_UP_REQUIRED where that is not fresh. `what` needs it. */
export function requireStepUp(context: Pick<EngineContext, 'clock'>, caller: Caller, what: string): Outcome<number> {
  const provedAt = freshStepUp(context, caller);
  if (provedAt !== null) return accept(provedAt);
  return refuse('E_STEP_UP_REQUIRED', `${what} needs a fresh proof of who you are, at most five minutes old`, {
    fresh_ms: stepUpFreshMs,
    next: 'prove it with `countersign step-up` or POST /v1/step-up, then do this again',
  });
}

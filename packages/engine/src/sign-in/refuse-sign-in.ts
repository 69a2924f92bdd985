import {
  type AuditEventName,
  accept,
  type JsonObject,
  type Outcome,
  type Refusal,
  refuse,
} from '@countersign/protocol';
import { recordAlone } from '../audit/record-audit.ts';
import type { EngineContext } from '../context/context.ts';
import { type Attempt, type AttemptAnswer, admitAttempt } from './attempt-limits.ts';
import type { SignInOrigin } from './sign-in.ts';

const unknownActor = { principal: 'unknown', root: 'unknown', ai: false } as const;

/** Notes in the log that nobody was let in. `person` is a name only where somebody has it: people type passwords into the wrong field. */
export async function noteRefused(
  context: EngineContext,
  event: AuditEventName,
  person: string | null,
  origin: Omit<SignInOrigin, 'formerSecret'>,
  detail: JsonObject,
): Promise<void> {
  await recordAlone(context, {
    event,
    actor: unknownActor,
    subject: { kind: 'person', id: person ?? 'unknown' },
    outcome: 'refused',
    correlationId: origin.correlationId,
    detail: { ...detail, address: origin.address },
  });
}

/** The one answer to a wrong name and to a wrong password. */
export function signInFailed(): Refusal {
  return refuse('E_SIGN_IN_FAILED', 'the name or the password is wrong', {
    next: 'try again, or ask an administrator for a link to set a new password',
  });
}

/**
 * Lets a try through, or refuses it with E_RATE_LIMITED before anything is looked at. `person` is for the log: a name only where
 * somebody has it.
 */
export async function admitOrigin(
  context: EngineContext,
  attempt: Attempt,
  person: string | null,
  origin: SignInOrigin,
): Promise<Outcome<null>> {
  const { allowed, retryAfterMs } = await admitAttempt(context.limiter, attempt);
  if (allowed) return accept(null);
  const { address, correlationId } = origin;
  context.signIn.limited.note({ address, person, retryAfterMs, correlationId });
  return tooOften({ allowed, retryAfterMs });
}

/** The answer to whoever tried too often; nothing was looked at. */
function tooOften({ retryAfterMs }: AttemptAnswer): Refusal {
  return refuse('E_RATE_LIMITED', 'too many tries to sign in', {
    retry_after_ms: retryAfterMs,
    next: 'wait, or sign in from where you did before',
  });
}

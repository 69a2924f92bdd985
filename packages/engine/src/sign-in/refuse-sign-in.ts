import { type AuditEventName, type JsonObject, type Refusal, refuse } from '@countersign/protocol';
import { recordAlone } from '../audit/record-audit.ts';
import type { EngineContext } from '../context/context.ts';
import type { AttemptAnswer } from './attempt-limits.ts';
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

/** The answer to whoever tried too often; nothing was looked at. */
export function tooOften({ retryAfterMs }: AttemptAnswer): Refusal {
  return refuse('E_RATE_LIMITED', 'too many tries to sign in', {
    retry_after_ms: retryAfterMs,
    next: 'wait, or sign in from where you did before',
  });
}

import type { Passkey, Person } from '@countersign/kernel';
import { accept, type Outcome, type Refusal, refuse, type StepUpMethod } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

/** Who steps up, and by what they can. */
export interface StepUpSubject {
  /** The person of the caller's name; null for somebody known by a token alone. */
  readonly person: Person | null;
  readonly passkeys: readonly Passkey[];
  readonly methods: readonly StepUpMethod[];
}

/** How a caller may prove afresh who they are. A password counts only where there is nothing stronger; the host vouches for tokens only. */
export async function stepUpSubject(context: EngineContext, caller: Caller): Promise<Outcome<StepUpSubject>> {
  const { principal, credential } = caller;
  if (principal.kind !== 'person' || principal.ai || credential.kind === 'internal') {
    return refuse('E_AUTH_FORBIDDEN', 'only a person proves afresh who they are', {
      next: 'ask a person to do this',
    });
  }
  return await context.store.read(async (reads): Promise<Outcome<StepUpSubject>> => {
    const found = await reads.people.byName(principal.root);
    const person = found?.state === 'active' ? found : null;
    const passkeys = person === null ? [] : await reads.factors.passkeys(person.id);
    const totp = person === null ? null : await reads.factors.totp(person.id);
    const methods: StepUpMethod[] = [];
    if (passkeys.length > 0) methods.push('passkey');
    if (totp !== null && totp.confirmedAt !== null) methods.push('totp');
    if (methods.length === 0 && person !== null && person.passwordHash !== null) methods.push('password');
    if (credential.kind === 'token') methods.push('host');
    return accept({ person, passkeys, methods });
  });
}

/** The answer to a proof that is none of the caller's. */
export function notAMethod(method: StepUpMethod, methods: readonly StepUpMethod[]): Refusal {
  return refuse('E_STEP_UP_FAILED', `you cannot prove who you are by ${method}`, {
    field: '/method',
    methods: [...methods],
    next: methods.length === 0 ? 'add a passkey or an authenticator first' : `use one of: ${methods.join(', ')}`,
  });
}

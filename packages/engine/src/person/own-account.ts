import type { Person, PersonSession } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import { type Caller, stepUpFreshMs } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { stepUpSubject } from '../step-up/step-up-subject.ts';

/** The caller's own account, and the session they reach it by. */
export interface OwnAccount {
  readonly person: Person;
  readonly session: PersonSession;
}

/** One's own account is reached by signing in: what a token can do, whoever holds the token can do. */
export async function ownAccount(context: EngineContext, { credential }: Caller): Promise<Outcome<OwnAccount>> {
  if (credential.kind !== 'session') {
    return refuse('E_AUTH_FORBIDDEN', 'an account is changed by signing in, never by a token', {
      next: 'sign in with a browser',
    });
  }
  const found = await context.store.read(async (reads) => {
    const session = await reads.sessions.get(credential.id);
    const person = session && (await reads.people.get(session.personId));
    return session === null || person === null ? null : { session, person };
  });
  return found === null ? refuse('E_NOT_FOUND', 'there is no such account', { next: 'sign in again' }) : accept(found);
}

/**
 * The caller's own account, for a change to how they sign in: a fresh proof is wanted, or, of somebody who has nothing to prove
 * it by, that they signed in a moment ago. E_STEP_UP_REQUIRED otherwise.
 */
export async function freshAccount(context: EngineContext, caller: Caller): Promise<Outcome<OwnAccount>> {
  const own = await ownAccount(context, caller);
  if (!own.ok) return own;
  const subject = await stepUpSubject(context, caller);
  if (!subject.ok) return subject;
  const { methods } = subject.value;
  const provenAt = methods.length === 0 ? own.value.session.createdAt : caller.steppedUpAt;
  if (provenAt !== null && context.clock.now() - provenAt <= stepUpFreshMs) return own;
  return refuse('E_STEP_UP_REQUIRED', 'a fresh proof of who you are is needed', {
    methods: [...methods],
    next: methods.length === 0 ? 'sign in again' : `POST /v1/step-up with ${methods.join(' or ')}`,
  });
}

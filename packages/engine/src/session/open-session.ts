import type { Person, PersonSession, SignInMethod, Unit } from '@countersign/kernel';
import type { SessionView, SignedIn } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { credentialsTopic } from '../context/wake-ups.ts';
import { principalOfPerson } from '../person/person-principal.ts';
import type { SignInOrigin } from '../sign-in/sign-in.ts';
import { tokenHash } from '../token/token-text.ts';
import { newSecretText } from './session-text.ts';

/** A session that was just opened or renewed. */
export interface OpenedSession {
  readonly signedIn: SignedIn;
  /** The cookie's value: handed out once, never kept. */
  readonly secret: string;
  /** When the session is over at the latest. */
  readonly expiresAt: number;
}

/** A session as faces see it. */
export function viewSession(session: PersonSession, person: string, current: string | null): SessionView {
  return {
    session_id: session.id,
    person,
    method: session.method,
    address: session.address,
    user_agent: session.userAgent,
    created_at: session.createdAt,
    seen_at: session.seenAt,
    expires_at: session.expiresAt,
    stepped_up_at: session.steppedUpAt,
    current: session.id === current,
  };
}

/** What is answered to whoever holds a session's new secret. */
export function openedSession(session: PersonSession, person: Person, secret: string): OpenedSession {
  const signedIn = { principal: principalOfPerson(person), session: viewSession(session, person.name, session.id) };
  return { signedIn, secret, expiresAt: session.expiresAt };
}

/** Ends the session that the browser still had. */
async function endFormer(context: EngineContext, unit: Unit, origin: SignInOrigin, now: number): Promise<void> {
  if (origin.formerSecret === null) return;
  const former = await unit.sessions.byHash(tokenHash(origin.formerSecret, context.sha256));
  if (former === null || !(await unit.sessions.end(former.id, now))) return;
  unit.afterCommit(() => context.wake.notify(credentialsTopic));
}

/** How a sign-in was proven. */
export interface SignInProof {
  readonly method: SignInMethod;
  /** Whether the proof is one that a step-up would take: then it counts as one. */
  readonly fresh: boolean;
}

/**
 * Opens a session with a secret of its own, whatever the browser brought before: nobody can choose it beforehand, and the
 * session that the browser had is ended. The person is locked in this unit, and active.
 */
export async function openSession(
  context: EngineContext,
  unit: Unit,
  person: Person,
  { method, fresh }: SignInProof,
  origin: SignInOrigin,
): Promise<OpenedSession> {
  const now = context.clock.now();
  await endFormer(context, unit, origin, now);
  const secret = newSecretText('css');
  const session: PersonSession = {
    id: context.ids.next(),
    hash: tokenHash(secret, context.sha256),
    personId: person.id,
    method,
    address: origin.address,
    userAgent: origin.userAgent,
    createdAt: now,
    seenAt: now,
    expiresAt: now + context.signIn.settings.sessionMs,
    steppedUpAt: fresh ? now : null,
    endedAt: null,
  };
  const signed = { ...person, signedInAt: now };
  await unit.people.save(signed);
  await unit.sessions.insert(session);
  await recordAudit(context, unit, {
    event: 'auth.signed_in',
    actor: actorOf(principalOfPerson(person)),
    subject: { kind: 'session', id: session.id },
    outcome: 'ok',
    correlationId: origin.correlationId,
    detail: { method, address: origin.address },
  });
  return openedSession(session, signed, secret);
}

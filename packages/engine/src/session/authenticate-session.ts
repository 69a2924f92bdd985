import type { Person, PersonSession } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { principalOfPerson } from '../person/person-principal.ts';
import type { Authenticated } from '../token/authenticate.ts';
import { tokenHash } from '../token/token-text.ts';

/** How often the use of a session is written down at most. */
const noteEveryMs = 30_000;

/** A session that lives, with its person. */
export interface LiveSession {
  readonly session: PersonSession;
  readonly person: Person;
}

function lives({ session, person }: LiveSession, now: number, idleMs: number): boolean {
  const inTime = session.expiresAt > now && session.seenAt + idleMs > now;
  return session.endedAt === null && inTime && person.state === 'active';
}

/** The session behind a cookie's value; null for what is unknown, ended, idle, over, or of a disabled person. */
export async function liveSession(context: EngineContext, secret: string): Promise<LiveSession | null> {
  const hash = tokenHash(secret, context.sha256);
  const found = await context.store.read(async (reads) => {
    const session = await reads.sessions.byHash(hash);
    const person = session === null ? null : await reads.people.get(session.personId);
    return session === null || person === null ? null : { session, person };
  });
  return found !== null && lives(found, context.clock.now(), context.signIn.settings.idleMs) ? found : null;
}

/** The person behind a session's cookie. Unknown, ended and idle sessions are told apart by nobody. */
export async function authenticateSession(context: EngineContext, secret: string): Promise<Outcome<Authenticated>> {
  const found = await liveSession(context, secret);
  if (found === null) {
    return refuse('E_AUTH_INVALID', 'the session is unknown or over', { next: 'sign in again' });
  }
  const { session, person } = found;
  const now = context.clock.now();
  if (now - session.seenAt >= Math.min(noteEveryMs, context.signIn.settings.idleMs / 4)) {
    context.signIn.uses.note(session.id, now);
  }
  return accept({
    principal: principalOfPerson(person),
    credential: { kind: 'session', id: session.id },
    steppedUpAt: session.steppedUpAt,
  });
}

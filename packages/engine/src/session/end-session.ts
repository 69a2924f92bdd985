import type { Unit } from '@countersign/kernel';
import { accept, type Outcome, refuse, type SessionView } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { credentialsTopic } from '../context/wake-ups.ts';
import { viewSession } from './open-session.ts';

/** Whether a caller may look after everybody's access. */
function isPeopleAdmin({ principal }: Caller): boolean {
  return principal.grants.some(
    ({ role, project, environment }) => role === 'admin' && project === '*' && environment === '*',
  );
}

function currentOf({ credential }: Caller): string | null {
  return credential.kind === 'session' ? credential.id : null;
}

/** Ends all sessions of a person but, if given, one, in the unit of whatever is the reason; answers how many. */
export async function endSessionsOf(
  context: EngineContext,
  unit: Unit,
  personId: string,
  except: string | null,
): Promise<number> {
  const ended = await unit.sessions.endAll(personId, context.clock.now(), except);
  unit.afterCommit(() => context.wake.notify(credentialsTopic));
  return ended.length;
}

/** Ends the caller's own session or, `everywhere`, all of the person's. Answers how many ended. */
export async function signOut(context: EngineContext, caller: Caller, everywhere: boolean): Promise<Outcome<number>> {
  const current = currentOf(caller);
  if (current === null) {
    return refuse('E_STATE', 'a bearer token has no session to end', {
      next: 'revoke the token with DELETE /v1/tokens/{token_id}',
    });
  }
  return await commit(context, 'sign-out', async (unit): Promise<Outcome<number>> => {
    const session = await unit.sessions.get(current);
    if (session === null) return accept(0);
    const ended = everywhere ? await endSessionsOf(context, unit, session.personId, null) : 1;
    if (!everywhere && !(await unit.sessions.end(current, context.clock.now()))) return accept(0);
    unit.afterCommit(() => context.wake.notify(credentialsTopic));
    await recordAudit(context, unit, {
      event: 'auth.signed_out',
      actor: actorOf(caller.principal),
      subject: { kind: 'session', id: current },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { everywhere, sessions: ended },
    });
    return accept(ended);
  });
}

/** Live sessions of a person, newest first; E_NOT_FOUND when there is no such person, or the caller may not know of them. */
export async function listSessions(
  context: EngineContext,
  caller: Caller,
  name: string,
): Promise<Outcome<SessionView[]>> {
  const mine = caller.principal.kind === 'person' && caller.principal.root === name;
  const found = await context.store.read(async (reads) => {
    const person = mine || isPeopleAdmin(caller) ? await reads.people.byName(name) : null;
    if (person === null) return null;
    return await reads.sessions.live(person.id, context.clock.now(), context.signIn.settings.idleMs);
  });
  // Whoever has a token alone is nobody who signs in: no sessions then.
  if (found === null && mine) return accept([]);
  if (found === null)
    return refuse('E_NOT_FOUND', `there is no person ${name}`, { next: 'see `countersign people ls`' });
  return accept(found.map((session) => viewSession(session, name, currentOf(caller))));
}

/** Ends one session: one's own, or as an administrator anybody's. */
export async function revokeSession(
  context: EngineContext,
  caller: Caller,
  sessionId: string,
): Promise<Outcome<SessionView>> {
  return await commit(context, 'sign-out', async (unit): Promise<Outcome<SessionView>> => {
    const session = await unit.sessions.get(sessionId);
    const person = session === null ? null : await unit.people.get(session.personId);
    const { principal } = caller;
    const own = principal.kind === 'person' && !principal.ai && principal.root === person?.name;
    if (session === null || person === null || !(own || isPeopleAdmin(caller))) {
      return refuse('E_NOT_FOUND', `there is no session ${sessionId}`, {
        next: 'list yours with GET /v1/auth/sessions',
      });
    }
    if (await unit.sessions.end(sessionId, context.clock.now())) {
      unit.afterCommit(() => context.wake.notify(credentialsTopic));
      await recordAudit(context, unit, {
        event: 'session.revoked',
        actor: actorOf(principal),
        subject: { kind: 'session', id: sessionId },
        outcome: 'ok',
        correlationId: caller.correlationId,
        detail: { person: person.name },
      });
    }
    return accept(viewSession(session, person.name, currentOf(caller)));
  });
}

import { highestRole, narrowGrants, type Person, type Reads, type Token } from '@countersign/kernel';
import { accept, type Outcome, type Principal, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { tokenOfProof } from '../enrolment/authenticate-worker.ts';
import { tokenHash } from './token-text.ts';

/** A principal, what it proved itself with, and when it last did so freshly. */
export type Authenticated = Pick<Caller, 'principal' | 'credential' | 'steppedUpAt'>;

/** Who a token stands for. */
function principalOf({ principal: id, name, kind, role, grants, groups, scopes, root, ai }: Token): Principal {
  return {
    id,
    name,
    kind,
    role,
    grants: [...grants],
    groups: [...groups],
    scopes: scopes === null ? null : [...scopes],
    root,
    ai,
  };
}

/**
 * What a token gives now: no more than the person at its root holds, whatever they held when it was made. Where nobody of that
 * name signs in, as in an installation that has tokens alone, it gives what it was made with.
 */
export function withinRoot(token: Token, person: Pick<Person, 'grants' | 'groups'> | null): Token {
  if (person === null || token.kind === 'worker') return token;
  const grants = narrowGrants(token.grants, person.grants);
  const groups = token.groups.filter((group) => person.groups.includes(group));
  return { ...token, role: highestRole(grants) ?? 'viewer', grants, groups };
}

/** A token with the person at its root. */
interface Rooted {
  readonly token: Token;
  readonly person: Person | null;
}

async function rooted(reads: Reads, token: Token | null): Promise<Rooted | null> {
  return token && { token, person: await reads.people.byName(token.root) };
}

/** The token behind a text: its own, or the one that a worker's key stands for. */
async function lookUp(context: EngineContext, text: string): Promise<Outcome<Rooted | null>> {
  const proven = await tokenOfProof(context, text);
  if (proven !== null && !proven.ok) return proven;
  const hash = tokenHash(text, context.sha256);
  return accept(
    await context.store.read(async (reads) => rooted(reads, proven?.value ?? (await reads.tokens.byHash(hash)))),
  );
}

function isValid({ token: { revokedAt, expiresAt }, person }: Rooted, now: number): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now) && person?.state !== 'disabled';
}

/** The principal behind a bearer token or a worker's proof that came from `address`. Unknown, revoked and expired tokens are told apart by nobody. */
export async function authenticate(
  context: EngineContext,
  text: string,
  address: string | null = null,
): Promise<Outcome<Authenticated>> {
  const now = context.clock.now();
  const looked = await lookUp(context, text);
  if (!looked.ok) return looked;
  const found = looked.value;
  if (found === null || !isValid(found, now)) {
    return refuse('E_AUTH_INVALID', 'the token is unknown, revoked or expired', {
      next: 'ask an administrator for a new one',
    });
  }
  const { token, person } = found;
  context.tokenUses.note(token.id, now, address);
  return accept({
    principal: principalOf(withinRoot(token, person)),
    credential: { kind: 'token', id: token.id },
    steppedUpAt: token.steppedUpAt,
  });
}

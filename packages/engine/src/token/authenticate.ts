import type { Token } from '@countersign/kernel';
import { accept, type Outcome, type Principal, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
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

/** The principal behind a bearer token that came from `address`. Unknown, revoked and expired tokens are told apart by nobody. */
export async function authenticate(
  context: EngineContext,
  text: string,
  address: string | null = null,
): Promise<Outcome<Authenticated>> {
  const hash = tokenHash(text, context.sha256);
  const now = context.clock.now();
  const token = await context.store.read((reads) => reads.tokens.byHash(hash));
  if (token === null || token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now)) {
    return refuse('E_AUTH_INVALID', 'the token is unknown, revoked or expired', {
      next: 'ask an administrator for a new one',
    });
  }
  context.tokenUses.note(token.id, now, address);
  return accept({
    principal: principalOf(token),
    credential: { kind: 'token', id: token.id },
    steppedUpAt: token.steppedUpAt,
  });
}

import { accept, type Outcome, type Principal, refuse } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { tokenHash } from './token-text.ts';

/** A principal and the token that stands for it. */
export interface Authenticated {
  readonly principal: Principal;
  readonly tokenId: string;
}

/** The principal behind a bearer token. Unknown, revoked and expired tokens are told apart by nobody. */
export async function authenticate(context: EngineContext, text: string): Promise<Outcome<Authenticated>> {
  const hash = tokenHash(text, context.sha256);
  const now = context.clock.now();
  const token = await context.store.read((reads) => reads.tokens.byHash(hash));
  if (token === null || token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now)) {
    return refuse('E_AUTH_INVALID', 'the token is unknown, revoked or expired', {
      next: 'ask an administrator for a new one',
    });
  }
  context.tokenUses.note(token.id, now);
  const { principal: id, name, kind, role, root, ai } = token;
  return accept({ principal: { id, name, kind, role, root, ai }, tokenId: token.id });
}

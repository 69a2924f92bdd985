import { installationRole, type Token } from '@countersign/kernel';
import type { TokenView } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

/** A token without its text. */
export function viewToken(token: Token): TokenView {
  return {
    token_id: token.id,
    name: token.name,
    kind: token.kind,
    role: token.role,
    grants: [...token.grants],
    groups: [...token.groups],
    scopes: token.scopes === null ? null : [...token.scopes],
    principal: token.principal,
    root: token.root,
    ai: token.ai,
    created_by: token.parent,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    revoked_at: token.revokedAt,
    last_used_at: token.lastUsedAt,
    use_count: token.useCount,
  };
}

/** Tokens that a caller may see, oldest first: an administrator of the installation all, others those of their own lineage. */
export async function listTokens(context: EngineContext, { principal }: Caller): Promise<TokenView[]> {
  const tokens = await context.store.read((reads) => reads.tokens.list());
  const all = installationRole(principal) === 'admin' && !principal.ai;
  return tokens.filter(({ root }) => all || root === principal.root).map(viewToken);
}

import { installationRole, type Token } from '@countersign/kernel';
import { accept, type Outcome, refuse, type TokenView } from '@countersign/protocol';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { endTokens } from './end-tokens.ts';
import { viewToken } from './list-tokens.ts';

/** The tokens that an agent's or service's token made, and those that they made in turn. What a person made for others stays. */
function descendants(tokens: readonly Token[], of: Token): Token[] {
  const made = tokens.filter((token) => token.parent === of.id && token.root === of.root && token.revokedAt === null);
  return made.flatMap((token) => [token, ...descendants(tokens, token)]);
}

/** Only a person ends a credential, an administrator any, others what hangs below themselves: an agent ends nothing of its owner's. */
function mayRevoke({ principal }: Caller, token: Token): boolean {
  if (principal.ai || principal.kind !== 'person') return false;
  return installationRole(principal) === 'admin' || token.root === principal.root;
}

/** Revokes a token at once, and with it every token of the same root that it made. */
export async function revokeToken(
  context: EngineContext,
  caller: Caller,
  tokenId: string,
): Promise<Outcome<TokenView>> {
  return await commit(context, 'revoke', async (unit): Promise<Outcome<TokenView>> => {
    const token = await unit.tokens.get(tokenId);
    if (token === null || !mayRevoke(caller, token)) {
      return refuse('E_NOT_FOUND', `there is no token ${tokenId} that you may see`, {
        next: 'see `countersign token ls`',
      });
    }
    const made = descendants(await unit.tokens.list(), token);
    const { principal, correlationId } = caller;
    const ended = await endTokens(context, unit, [...made, token], { actor: actorOf(principal), correlationId });
    return accept(viewToken(ended.at(-1) ?? token));
  });
}

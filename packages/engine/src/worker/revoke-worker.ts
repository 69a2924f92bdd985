import { accept, type Outcome, refuse } from '@countersign/protocol';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { endTokens } from '../token/end-tokens.ts';

/** Ends every credential of a worker: its key, and tokens that were made for its name. What it holds ends with its lease. */
export async function revokeWorker(
  context: EngineContext,
  caller: Caller,
  worker: string,
): Promise<Outcome<{ worker: string; revoked: number }>> {
  if (caller.principal.kind !== 'person' || caller.principal.ai) {
    return refuse('E_AUTH_FORBIDDEN', 'only a person ends a credential', { next: 'ask an administrator' });
  }
  return await commit(context, 'revoke', async (unit): Promise<Outcome<{ worker: string; revoked: number }>> => {
    const own = (await unit.tokens.list()).filter(({ kind, name }) => kind === 'worker' && name === worker);
    if (own.length === 0) {
      return refuse('E_NOT_FOUND', `there is no worker ${worker} with a credential`, {
        next: 'see `countersign workers`',
      });
    }
    const live = own.filter(({ revokedAt }) => revokedAt === null);
    const { principal, correlationId } = caller;
    await endTokens(context, unit, live, { actor: actorOf(principal), correlationId });
    return accept({ worker, revoked: live.length });
  });
}

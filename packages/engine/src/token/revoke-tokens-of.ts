import type { Unit } from '@countersign/kernel';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { endTokens } from './end-tokens.ts';

/** Revokes every token of one root, in the unit of whatever is the reason; answers how many. */
export async function revokeTokensOf(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  root: string,
): Promise<number> {
  const tokens = (await unit.tokens.list()).filter((token) => token.root === root && token.revokedAt === null);
  const { principal, correlationId } = caller;
  return (await endTokens(context, unit, tokens, { actor: actorOf(principal), correlationId })).length;
}

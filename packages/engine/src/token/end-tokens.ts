import type { Token, Unit } from '@countersign/kernel';
import { recordAudit } from '../audit/record-audit.ts';
import type { Actor } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { credentialsTopic } from '../context/wake-ups.ts';

/** By whom credentials end, and why where the entry should say so. */
export interface TokenEnd {
  readonly actor: Actor;
  readonly correlationId: string;
  readonly why?: string;
}

/**
 * Ends tokens and the keys of workers in the unit of whatever is the reason, with an audit entry for each; one that ended before
 * keeps its time. Answers them as they are then. Whoever watches credentials hears of it after the commit.
 */
export async function endTokens(
  context: EngineContext,
  unit: Unit,
  tokens: readonly Token[],
  { actor, correlationId, why }: TokenEnd,
): Promise<Token[]> {
  const ended = tokens.map((token) => ({ ...token, revokedAt: token.revokedAt ?? context.clock.now() }));
  for (const token of ended) {
    await unit.tokens.save(token);
    await recordAudit(context, unit, {
      event: 'token.revoked',
      actor,
      subject: { kind: 'token', id: token.id },
      outcome: 'ok',
      correlationId,
      detail: { name: token.name, ...(why === undefined ? {} : { why }) },
    });
  }
  unit.afterCommit(() => context.wake.notify(credentialsTopic));
  return ended;
}

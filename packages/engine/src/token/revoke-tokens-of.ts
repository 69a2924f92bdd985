import type { Unit } from '@countersign/kernel';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { credentialsTopic } from '../context/wake-ups.ts';

/** Revokes every token of one root, in the unit of whatever is the reason; answers how many. */
export async function revokeTokensOf(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  root: string,
): Promise<number> {
  const tokens = (await unit.tokens.list()).filter((token) => token.root === root && token.revokedAt === null);
  for (const token of tokens) {
    await unit.tokens.save({ ...token, revokedAt: context.clock.now() });
    await recordAudit(context, unit, {
      event: 'token.revoked',
      actor: actorOf(caller.principal),
      subject: { kind: 'token', id: token.id },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { name: token.name },
    });
  }
  unit.afterCommit(() => context.wake.notify(credentialsTopic));
  return tokens.length;
}

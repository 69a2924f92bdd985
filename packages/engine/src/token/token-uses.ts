import type { Token, TokenUse, Unit } from '@countersign/kernel';
import type { AuditEventName, JsonObject } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { placeOfAddress } from './address-place.ts';

const dayMs = 86_400_000;
/** Places that are told apart for one token on one day; what comes after them counts as one more. */
const mostPlaces = 100;
const elsewhere = 'elsewhere';
/** A day is told of when the last of its uses has surely been written. */
const settleMs = 3_600_000;
const keptDays = 90;
const tokensAtOnce = 100;

/** Days since the epoch, UTC. */
function dayOf(at: number): number {
  return Math.floor(at / dayMs);
}

async function tell(
  context: EngineContext,
  unit: Unit,
  event: AuditEventName,
  { id, name, root, ai }: Token,
  detail: JsonObject,
): Promise<void> {
  await recordAudit(context, unit, {
    event,
    actor: { principal: name, root, ai },
    subject: { kind: 'token', id },
    outcome: 'ok',
    correlationId: context.ids.next(),
    detail,
  });
}

/**
 * Counts uses of tokens in memory; the sweeper writes them, so that a read costs no commit. What the audit says of them:
 * the first use of a token, the first from a new place, and once a day how often it was used and from how many.
 */
export class TokenUses {
  #pending = new Map<string, TokenUse>();

  /** One request came with this token, from this address where one is known. */
  note(tokenId: string, at: number, from: string | null = null): void {
    const address = placeOfAddress(from);
    const day = dayOf(at);
    const key = `${tokenId} ${day} ${address}`;
    const { uses, firstAt } = this.#pending.get(key) ?? { uses: 0, firstAt: at };
    this.#pending.set(key, { tokenId, day, address, uses: uses + 1, firstAt, lastAt: at });
  }

  /** Writes what was counted since the last call. */
  async flush(context: EngineContext): Promise<void> {
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Map();
    await commit(context, 'token-uses', async (unit) => {
      // In one order everywhere, so that two servers never wait for each other.
      for (const key of [...pending.keys()].sort()) {
        const use = pending.get(key);
        if (use !== undefined) await write(context, unit, use);
      }
    });
  }

  /** Tells of the days that are over, and forgets those that are long over. */
  async tellDays(context: EngineContext): Promise<void> {
    const today = dayOf(context.clock.now() - settleMs);
    for (let more = true; more; ) {
      more = await commit(
        context,
        'token-uses',
        async (unit) => {
          const uses = await unit.tokenUses.takeUntold(today, tokensAtOnce);
          for (const group of Object.values(Object.groupBy(uses, ({ tokenId, day }) => `${tokenId} ${day}`)))
            if (group !== undefined) await tellDay(context, unit, group);
          return uses.length > 0;
        },
        (told) => told,
      );
    }
    await commit(
      context,
      'token-uses',
      async (unit) => (await unit.tokenUses.forget(today - keptDays)) > 0,
      (forgot) => forgot,
    );
  }
}

async function write(context: EngineContext, unit: Unit, use: TokenUse): Promise<void> {
  const { tokenId, day } = use;
  await unit.tokens.touch(tokenId, use.lastAt, use.uses);
  const seen = await unit.tokenUses.seen(tokenId, use.address);
  const crowded = !seen.here && (await unit.tokenUses.places(tokenId, day)) >= mostPlaces;
  const address = crowded ? elsewhere : use.address;
  const { ever, here } = crowded ? await unit.tokenUses.seen(tokenId, elsewhere) : seen;
  const token = here ? null : await unit.tokens.get(tokenId);
  if (!here && token === null) return;
  await unit.tokenUses.add({ ...use, address });
  if (token !== null) await tell(context, unit, ever ? 'token.new_place' : 'token.first_used', token, { address });
}

async function tellDay(context: EngineContext, unit: Unit, uses: readonly TokenUse[]): Promise<void> {
  const [first] = uses;
  const token = first === undefined ? null : await unit.tokens.get(first.tokenId);
  if (first === undefined || token === null) return;
  await tell(context, unit, 'token.used', token, {
    day: new Date(first.day * dayMs).toISOString().slice(0, 10),
    uses: uses.reduce((sum, use) => sum + use.uses, 0),
    places: uses.length,
    first_at: Math.min(...uses.map(({ firstAt }) => firstAt)),
    last_at: Math.max(...uses.map(({ lastAt }) => lastAt)),
  });
}

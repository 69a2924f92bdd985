import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

/** Counts uses of tokens in memory; the sweeper writes them, so that a read costs no commit. */
export class TokenUses {
  #pending = new Map<string, { uses: number; at: number }>();

  /** One request came with this token. */
  note(tokenId: string, at: number): void {
    const uses = (this.#pending.get(tokenId)?.uses ?? 0) + 1;
    this.#pending.set(tokenId, { uses, at });
  }

  /** Writes what was counted since the last call. */
  async flush(context: Pick<EngineContext, 'store' | 'crash'>): Promise<void> {
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Map();
    await commit(context, 'token-uses', async (unit) => {
      for (const [tokenId, { uses, at }] of pending) await unit.tokens.touch(tokenId, at, uses);
    });
  }
}

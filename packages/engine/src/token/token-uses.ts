import type { Store } from '@countersign/kernel';

/** Counts uses of tokens in memory; the sweeper writes them, so that a read costs no commit. */
export class TokenUses {
  #pending = new Map<string, { uses: number; at: number }>();

  /** One request came with this token. */
  note(tokenId: string, at: number): void {
    const uses = (this.#pending.get(tokenId)?.uses ?? 0) + 1;
    this.#pending.set(tokenId, { uses, at });
  }

  /** Writes what was counted since the last call. */
  async flush(store: Store): Promise<void> {
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Map();
    await store.write(async (unit) => {
      for (const [tokenId, { uses, at }] of pending) await unit.tokens.touch(tokenId, at, uses);
    });
  }
}

import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

/** Notes uses of sessions in memory; the sweeper writes them, so that a read costs no commit. */
export class SessionUses {
  #pending = new Map<string, number>();

  /** A request came with this session. */
  note(sessionId: string, at: number): void {
    this.#pending.set(sessionId, at);
  }

  /** Writes what was noted since the last call. */
  async flush(context: Pick<EngineContext, 'store' | 'crash'>): Promise<void> {
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Map();
    await commit(context, 'session-uses', async (unit) => {
      for (const [sessionId, at] of pending) await unit.sessions.touch(sessionId, at);
    });
  }
}

import type { EngineContext } from '../context/context.ts';
import { addressKey } from './attempt-limits.ts';
import { noteRefused } from './refuse-sign-in.ts';
import type { SignInOrigin } from './sign-in.ts';

const noteEveryMs = 60_000;
const mostKept = 10_000;

/** Says in the log that an address was limited, once a minute each: a flood of guesses is not to be a flood of entries. */
export class LimitNotes {
  readonly #notedAt = new Map<string, number>();

  async note(context: EngineContext, person: string | null, origin: SignInOrigin, retryAfterMs: number): Promise<void> {
    const key = `${addressKey(origin.address)} ${person ?? ''}`;
    const now = context.clock.now();
    const last = this.#notedAt.get(key);
    if (last !== undefined && now - last < noteEveryMs) return;
    // The oldest go first: a map keeps the order of insertion.
    this.#notedAt.delete(key);
    for (const oldest of this.#notedAt.keys()) {
      if (this.#notedAt.size < mostKept) break;
      this.#notedAt.delete(oldest);
    }
    this.#notedAt.set(key, now);
    await noteRefused(context, 'auth.sign_in_limited', person, origin, { retry_after_ms: retryAfterMs });
  }
}

import { CodedError } from '@countersign/protocol';
import type { StreamLimits } from './stream-limits.ts';

const retryAfterMs = 5000;

/** Counts open streams, in all and by principal. */
export class Admission {
  readonly #limits: Pick<StreamLimits, 'perPrincipal' | 'total'>;
  readonly #perPrincipal = new Map<string, number>();
  #open = 0;

  constructor(limits: Pick<StreamLimits, 'perPrincipal' | 'total'>) {
    this.#limits = limits;
  }

  /** Streams that are open. */
  get open(): number {
    return this.#open;
  }

  /** Lets one more in and answers how it leaves. Throws E_RATE_LIMITED. */
  enter(principal: string): () => void {
    const { perPrincipal, total } = this.#limits;
    const own = this.#perPrincipal.get(principal) ?? 0;
    if (own >= perPrincipal) {
      throw new CodedError('E_RATE_LIMITED', `you have ${own} streams open, and may have ${perPrincipal}`, {
        limit: perPrincipal,
        retry_after_ms: retryAfterMs,
        next: 'close one of them, or have streams.per_principal raised',
      });
    }
    if (this.#open >= total) {
      throw new CodedError('E_RATE_LIMITED', `the server has ${total} streams open, which is all it gives`, {
        limit: total,
        retry_after_ms: retryAfterMs,
        next: 'try again later, or have streams.total raised',
      });
    }
    this.#open += 1;
    this.#perPrincipal.set(principal, own + 1);
    return () => {
      this.#open -= 1;
      const left = (this.#perPrincipal.get(principal) ?? 1) - 1;
      if (left === 0) this.#perPrincipal.delete(principal);
      else this.#perPrincipal.set(principal, left);
    };
  }
}

/** What a breaker says before a call: go on, or how long until it lets one try again. */
export type Admission = { readonly open: false } | { readonly open: true; readonly retryAfterMs: number };

const mostFailures = 5;
const openMs = 15_000;

/**
 * Stops asking a provider that failed five times in a row: for fifteen seconds every call is refused at once, then one is let
 * through to see, and its end decides. So that nobody waits for what is down, and what comes back is not run over.
 */
export class CircuitBreaker {
  readonly #now: () => number;
  #failures = 0;
  #openUntil = 0;
  #trying = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether an attempt may be made; one that may must be followed by `succeeded`, `failed` or `ended`. */
  admit(): Admission {
    if (this.#failures < mostFailures) return { open: false };
    const leftMs = this.#openUntil - this.#now();
    if (leftMs > 0) return { open: true, retryAfterMs: leftMs };
    if (this.#trying) return { open: true, retryAfterMs: 1000 };
    this.#trying = true;
    return { open: false };
  }

  /** The provider answered, be it with a refusal: it is there. */
  succeeded(): void {
    this.#failures = 0;
    this.#trying = false;
  }

  /** It was not there, or broke down. */
  failed(): void {
    this.#failures += 1;
    this.#trying = false;
    if (this.#failures >= mostFailures) this.#openUntil = this.#now() + openMs;
  }

  /** The attempt ended without saying anything about the provider: its caller went away. */
  ended(): void {
    this.#trying = false;
  }
}

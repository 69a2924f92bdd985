import type { Budget, Clock, RateAnswer, RateLimiter } from '@countersign/kernel';

/** Keys that are remembered at most; beyond, those that were made first are forgotten, and begin anew. */
const defaultMaxKeys = 100_000;

/**
 * Counts in the memory of one process. Each budget is a bucket that refills evenly; what is kept of it is one number, the time at
 * which it is full again (the generic cell rate algorithm), so that a key costs little and needs no timer.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly #clock: Clock;
  readonly #maxKeys: number;
  readonly #fullAt = new Map<string, number>();

  constructor(clock: Clock, maxKeys = defaultMaxKeys) {
    this.#clock = clock;
    this.#maxKeys = maxKeys;
  }

  /** Budgets that are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }

  async take(key: string, budgets: readonly [Budget, ...Budget[]], cost = 1): Promise<RateAnswer> {
    const now = this.#clock.now();
    const [first, ...others] = budgets;
    let tightest = this.#look(key, first, now, cost);
    for (const budget of others) {
      const answer = this.#look(key, budget, now, cost);
      if (tighter(answer, tightest)) tightest = answer;
    }
    if (!tightest.allowed || cost === 0) return tightest;
    for (const budget of budgets) this.#charge(`${key} ${budget.name}`, budget, now, cost);
    return tightest;
  }

  /** How one budget would stand once `cost` was taken from it. */
  #look(key: string, budget: Budget, now: number, cost: number): RateAnswer {
    const eachMs = budget.windowMs / budget.quota;
    const fullInMs = Math.max(0, (this.#fullAt.get(`${key} ${budget.name}`) ?? 0) - now);
    const lackingMs = fullInMs + Math.max(1, cost) * eachMs - budget.windowMs;
    // A thousandth of a request is lost to rounding, not refused.
    const allowed = lackingMs <= eachMs / 1000;
    const takenMs = allowed ? cost * eachMs : 0;
    return {
      allowed,
      budget,
      remaining: Math.max(0, Math.floor((budget.windowMs - fullInMs - takenMs) / eachMs + 0.001)),
      resetMs: Math.ceil(fullInMs + takenMs),
      retryAfterMs: allowed ? 0 : Math.max(1, Math.ceil(lackingMs)),
    };
  }

  #charge(place: string, budget: Budget, now: number, cost: number): void {
    const full = Math.max(now, this.#fullAt.get(place) ?? 0) + (cost * budget.windowMs) / budget.quota;
    // Set anew, so that the map stays in the order of last use.
    this.#fullAt.delete(place);
    this.#fullAt.set(place, full);
    if (this.#fullAt.size > this.#maxKeys) this.#forget(now);
  }

  /** What is full again says nothing; where that is not enough, whoever was heard longest ago is forgotten. */
  #forget(now: number): void {
    for (const [place, full] of this.#fullAt) if (full <= now) this.#fullAt.delete(place);
    for (const place of this.#fullAt.keys()) {
      if (this.#fullAt.size <= this.#maxKeys * 0.9) return;
      this.#fullAt.delete(place);
    }
  }
}

/** What refuses counts before what allows; of equals the one that is nearer its end. */
function tighter(one: RateAnswer, other: RateAnswer): boolean {
  if (one.allowed !== other.allowed) return !one.allowed;
  return one.allowed ? one.remaining < other.remaining : one.retryAfterMs > other.retryAfterMs;
}

/** How much somebody may ask in how long: `quota` at once, and as much again over each window. */
export interface Budget {
  /** Its name in the headers: `minute`, `day`. */
  readonly name: string;
  readonly quota: number;
  readonly windowMs: number;
}

/** What a request found in its budgets. All of it is about the budget that has least left. */
export interface RateAnswer {
  readonly allowed: boolean;
  readonly budget: Budget;
  /** Whole requests that are left. */
  readonly remaining: number;
  /** Milliseconds until the budget is full again. */
  readonly resetMs: number;
  /** Milliseconds until the next request fits; 0 where it was allowed. */
  readonly retryAfterMs: number;
}

/**
 * Budgets of requests. In memory each server counts for itself; a shared store behind the same port counts for all of them.
 * A limiter that cannot be reached must allow: it keeps order, it does not guard.
 */
export interface RateLimiter {
  /**
   * Takes `cost` (1 when left out) from every budget of a key, or from none where one has too little left. A cost of 0 looks
   * whether one request would fit, and takes nothing. `budgets` holds at least one.
   */
  take(key: string, budgets: readonly [Budget, ...Budget[]], cost?: number): Promise<RateAnswer>;
}

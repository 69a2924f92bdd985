import type { ChatRequest, Clock } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import { TokenEstimates } from './token-estimates.ts';

const windowMs = 60_000;

interface Entry {
  /** When it was settled; null while the answer is not there. */
  settledAt: number | null;
  tokens: number;
}

/** Tokens that were set aside for one request. */
export interface Reservation {
  /** Says what was really used; what was set aside beyond that is free again at once. Counts once. */
  settle(tokens: number): void;
}

/**
 * How many tokens each project may spend on models in any minute. What a request may use at most is set aside before the
 * provider is called, and settled by what it used, so that requests at once never spend more together. In the memory of one
 * process, as rate limits are: each server counts for itself, and a restart begins anew.
 */
export class TokenBudget {
  /** What requests may need. */
  readonly estimates = new TokenEstimates();
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #entries = new Map<string, Set<Entry>>();

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** What a project has spent or set aside in the minute until now. */
  used(project: string): number {
    let sum = 0;
    for (const { tokens } of this.#live(project)) sum += tokens;
    return sum;
  }

  /** Whether a request takes half of a minute's tokens at most, so that a second asking for a better answer is paid too. */
  fits(provider: string, request: ChatRequest): boolean {
    return 2 * this.estimates.most(provider, request) <= this.#perMinute;
  }

  /** Sets tokens aside in every one of these projects, or in none. E_PROVIDER_BUDGET where one has too few left. */
  reserve(projects: readonly string[], tokens: number): Outcome<Reservation> {
    if (tokens > this.#perMinute) {
      return refuse(
        'E_PROVIDER_BUDGET',
        `this request may need ${tokens} tokens, and a minute has ${this.#perMinute} of them`,
        { needs: tokens, budget: this.#perMinute, next: 'ask for less at once, or raise AI_MAX_TOKENS_PER_MIN' },
      );
    }
    for (const project of projects) {
      const used = this.used(project);
      if (used + tokens <= this.#perMinute) continue;
      return refuse(
        'E_PROVIDER_BUDGET',
        `project "${project}" has ${Math.max(0, this.#perMinute - used)} of ${this.#perMinute} tokens left in this minute, and this request may need ${tokens}`,
        {
          project,
          needs: tokens,
          budget: this.#perMinute,
          retry_after_ms: this.#freeIn(project, used + tokens - this.#perMinute),
          next: 'ask again later, or raise AI_MAX_TOKENS_PER_MIN',
        },
      );
    }
    const entry: Entry = { settledAt: null, tokens };
    for (const project of projects) this.#of(project).add(entry);
    return accept({
      settle: (used) => {
        if (entry.settledAt !== null) return;
        entry.settledAt = this.#clock.now();
        entry.tokens = used;
      },
    });
  }

  /** Milliseconds until so many tokens are free again by time alone; a second where that waits for answers under way. */
  #freeIn(project: string, lacking: number): number {
    const now = this.#clock.now();
    let freed = 0;
    const settled = [...this.#live(project)].flatMap(({ settledAt, tokens }) =>
      settledAt === null ? [] : [{ settledAt, tokens }],
    );
    for (const { settledAt, tokens } of settled.sort((a, b) => a.settledAt - b.settledAt)) {
      freed += tokens;
      if (freed >= lacking) return Math.max(1, settledAt + windowMs - now);
    }
    return 1000;
  }

  #of(project: string): Set<Entry> {
    const standing = this.#entries.get(project) ?? new Set();
    this.#entries.set(project, standing);
    return standing;
  }

  #live(project: string): ReadonlySet<Entry> {
    const entries = this.#of(project);
    const since = this.#clock.now() - windowMs;
    for (const entry of entries) if (entry.settledAt !== null && entry.settledAt <= since) entries.delete(entry);
    return entries;
  }
}

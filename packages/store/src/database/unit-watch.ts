import { CodedError } from '@countersign/protocol';
import type { StoreWarning } from '../open/store-options.ts';

/** Limits of one unit. */
export interface UnitWatchOptions {
  readonly report: (warning: StoreWarning) => void;
  readonly slowUnitMs: number;
  readonly unitLimitMs: number;
}

/**
 * Reports a unit that takes long, and gives up one that does not end: it would hold up every writer. One timer serves a
 * whole batch; it can fire only while a unit awaits something else than the database.
 */
export class UnitWatch {
  readonly #options: UnitWatchOptions;
  #startedAt: number | null = null;
  #giveUp: (error: CodedError) => void = () => {};
  #gaveUp = false;

  constructor(options: UnitWatchOptions) {
    this.#options = options;
  }

  /** Whether the last unit ran into the limit. */
  get gaveUp(): boolean {
    return this.#gaveUp;
  }

  /** Watches the units of one batch until the answer is called. */
  begin(): () => void {
    const timer = setInterval(() => this.#look(), this.#options.slowUnitMs);
    return () => clearInterval(timer);
  }

  /** The unit's own result, or E_STORE when it ran into the limit. */
  run<T>(unit: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    this.#startedAt = startedAt;
    this.#gaveUp = false;
    const result = new Promise<T>((resolve, reject) => {
      this.#giveUp = reject;
      unit.then(resolve, reject);
    });
    return result.finally(() => {
      this.#startedAt = null;
      const durationMs = performance.now() - startedAt;
      if (durationMs > this.#options.slowUnitMs)
        this.#options.report({ kind: 'slow_unit', durationMs, finished: true });
    });
  }

  #look(): void {
    if (this.#startedAt === null) return;
    const durationMs = performance.now() - this.#startedAt;
    if (durationMs <= this.#options.unitLimitMs) return;
    this.#options.report({ kind: 'slow_unit', durationMs, finished: false });
    const detail = { limit_ms: this.#options.unitLimitMs, next: 'A unit must await nothing but the database.' };
    this.#gaveUp = true;
    this.#giveUp(new CodedError('E_STORE', 'A unit of work did not end in time and was rolled back.', detail));
  }
}

import type { Operation, PlanRecord, Reads, Store, Unit } from '@countersign/kernel';

/** What stands in the rows of an operation and its plan once somebody has overwritten them. */
export interface Swap {
  operation(row: Operation): Operation;
  plan(row: PlanRecord): PlanRecord;
}

/** The same object, told of each call; some methods are others. */
function watched<T extends object>(inner: T, called: () => void, others: Partial<T> = {}): T {
  return new Proxy(inner, {
    get(target, name) {
      const other: unknown = Reflect.get(others, name);
      const own: unknown = other ?? Reflect.get(target, name);
      if (typeof own !== 'function') return own;
      return (...given: unknown[]): unknown => {
        called();
        return own.apply(target, given);
      };
    },
  });
}

/** A store in which operation and plan are other ones from the `at`th call on, inside a unit too. Counts the calls. */
export class SwappingStore implements Store {
  readonly dialect: Store['dialect'];
  calls = 0;
  readonly #inner: Store;
  readonly #at: number;
  readonly #swap: Swap;

  constructor(inner: Store, at: number, swap: Swap) {
    this.#inner = inner;
    this.#at = at;
    this.#swap = swap;
    this.dialect = inner.dialect;
  }

  #called = (): void => {
    this.calls += 1;
  };
  #operation = (row: Operation | null): Operation | null =>
    row === null || this.calls < this.#at ? row : this.#swap.operation(row);
  #plan = (row: PlanRecord | null): PlanRecord | null =>
    row === null || this.calls < this.#at ? row : this.#swap.plan(row);

  #reads(inner: Reads): Reads {
    return {
      ...inner,
      operations: watched(inner.operations, this.#called, {
        get: async (id) => this.#operation(await inner.operations.get(id)),
      }),
      plans: watched(inner.plans, this.#called, {
        get: async (id, revision) => this.#plan(await inner.plans.get(id, revision)),
      }),
      approvals: watched(inner.approvals, this.#called),
      runs: watched(inner.runs, this.#called),
    };
  }

  #unit(inner: Unit): Unit {
    return {
      ...inner,
      operations: watched(inner.operations, this.#called, {
        get: async (id) => this.#operation(await inner.operations.get(id)),
        lock: async (id) => this.#operation(await inner.operations.lock(id)),
      }),
      plans: watched(inner.plans, this.#called, {
        get: async (id, revision) => this.#plan(await inner.plans.get(id, revision)),
      }),
      approvals: watched(inner.approvals, this.#called),
      runs: watched(inner.runs, this.#called),
      locks: watched(inner.locks, this.#called),
      jobs: watched(inner.jobs, this.#called),
      evidence: watched(inner.evidence, this.#called),
      settings: watched(inner.settings, this.#called),
      sealed: watched(inner.sealed, this.#called),
      audit: watched(inner.audit, this.#called),
      workers: watched(inner.workers, this.#called),
      idempotency: watched(inner.idempotency, this.#called),
      streams: watched(inner.streams, this.#called),
      afterCommit: (listener) => inner.afterCommit(listener),
    };
  }

  write<T>(unit: (unit: Unit) => Promise<T>): Promise<T> {
    return this.#inner.write((open) => unit(this.#unit(open)));
  }
  read<T>(query: (reads: Reads) => Promise<T>): Promise<T> {
    return this.#inner.read((reads) => query(this.#reads(reads)));
  }
  ping(): Promise<void> {
    return this.#inner.ping();
  }
  close(): Promise<void> {
    return this.#inner.close();
  }
}

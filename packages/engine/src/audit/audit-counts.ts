import type { AuditBody } from '@countersign/protocol';

/** How many entries this process appended, by event and outcome: for metrics, which ask often and may not cost a query. */
export class AuditCounts {
  readonly #counts = new Map<string, { event: string; outcome: AuditBody['outcome']; count: number }>();

  /** One entry is durable. */
  note({ event, outcome }: Pick<AuditBody, 'event' | 'outcome'>): void {
    const key = `${event} ${outcome}`;
    const standing = this.#counts.get(key) ?? { event, outcome, count: 0 };
    standing.count += 1;
    this.#counts.set(key, standing);
  }

  list(): { event: string; outcome: AuditBody['outcome']; count: number }[] {
    return [...this.#counts.values()];
  }
}

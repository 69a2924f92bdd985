import { type AuditBody, AuditPlace, type MeasuresQuery, type MeasuresView, RunFacts } from '@countersign/protocol';
import { Ratio } from './ratio.ts';

/** How long sealing may take before its absence counts. */
const sealingGraceMs = 60_000;

const ends: Readonly<Record<string, keyof MeasuresView['outcomes']>> = {
  'run.succeeded': 'succeeded',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};
const approvals: Readonly<Record<string, keyof MeasuresView['approvals']>> = {
  'approval.confirmed': 'confirmed',
  'approval.approved': 'approved',
  'approval.rejected': 'rejected',
};

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/**
 * Computes the success measures from audit entries, in one pass and in the order of the log: whoever has the log gets the
 * same numbers as the server. Entries of other events are ignored. It keeps an operation only from the end of its run to
 * its sealing, so that its memory does not grow with the log.
 */
export class Tally {
  readonly #query: MeasuresQuery;
  readonly #outcomes = { succeeded: 0, failed: 0, cancelled: 0 };
  readonly #approvals = { confirmed: 0, approved: 0, rejected: 0 };
  readonly #unknown = { left: 0, by_person: 0, by_reconcile: 0 };
  readonly #waitsMs: number[] = [];
  /** Operations that ended and are not known to be sealed, with the time of their end. */
  readonly #unsealed = new Map<string, number>();
  #entries = 0;
  #denied = 0;
  #untold = 0;
  readonly #prodUndiffed = new Ratio('prod_changes_without_diff', 'none');
  readonly #undiffed = new Ratio('changes_without_diff', 'none');
  readonly #evidence = new Ratio('operations_with_evidence', 'all');
  readonly #preflight = new Ratio('preflight_passed', 'all');
  readonly #replays = new Ratio('replays_equal', 'all');
  readonly #dryRun = new Ratio('upgrades_with_dry_run', null);
  readonly #okWith = new Ratio('upgrades_ok_with_dry_run', null);
  readonly #okWithout = new Ratio('upgrades_ok_without_dry_run', null);

  constructor(query: MeasuresQuery = {}) {
    this.#query = query;
  }

  #wanted(body: AuditBody): boolean {
    const { from = 0, to = Number.POSITIVE_INFINITY, project, environment } = this.#query;
    if (body.at < from) return false;
    if (body.at >= to) return false;
    if (project === undefined && environment === undefined) return true;
    const place = AuditPlace.safeParse(body.detail).data;
    if (place === undefined) return false;
    return (project ?? place.project) === place.project && (environment ?? place.environment) === place.environment;
  }

  /** Adds one entry. */
  add(body: AuditBody): void {
    // A bundle may be sealed after the span in which its run ended.
    if (body.event === 'evidence.sealed') this.sealed(body.subject.id);
    else if (this.#wanted(body)) this.#count(body);
  }

  /** Says that an operation has its sealed bundle, wherever that was found. */
  sealed(operationId: string): void {
    if (this.#unsealed.delete(operationId)) this.#evidence.count(operationId, true);
  }

  /** Operations that ended in the span and were not seen sealed so far. */
  unsealed(): string[] {
    return [...this.#unsealed.keys()];
  }

  #count(body: AuditBody): void {
    const { event, outcome, detail, subject } = body;
    const end = ends[event];
    const approval = approvals[event];
    if (end !== undefined) this.#countEnd(body, end);
    else if (approval !== undefined) {
      this.#approvals[approval] += 1;
      const waited = detail['waited_ms'];
      if (approval !== 'rejected' && typeof waited === 'number') this.#waitsMs.push(waited);
    } else if (event === 'evidence.replayed') {
      if (detail['mode'] !== 'none') this.#replays.count(subject.id, detail['matches'] === true);
    } else if (event === 'operation.denied') this.#denied += 1;
    else if (event === 'run.outcome_unknown') this.#unknown.left += 1;
    else if (event === 'run.resolved') this.#unknown.by_person += 1;
    else if (event === 'run.reconciled' && outcome === 'ok') this.#unknown.by_reconcile += 1;
    else if (event !== 'run.reconciled') return;
    this.#entries += 1;
  }

  #countEnd({ subject: { id }, detail, at }: AuditBody, end: keyof MeasuresView['outcomes']): void {
    const facts = RunFacts.safeParse(detail).data;
    if (facts?.effects === 0) return;
    this.#outcomes[end] += 1;
    this.#unsealed.set(id, at);
    if (facts === undefined) this.#untold += 1;
    // What an entry does not tell is not taken for good.
    const undiffed = facts === undefined || facts.undiffed > 0 || facts.diffs === 0;
    this.#undiffed.count(id, undiffed);
    if (facts === undefined || facts.tier === 'prod') this.#prodUndiffed.count(id, undiffed);
    this.#preflight.count(id, facts !== undefined && facts.checks > 0 && facts.blocking === 0);
    if (facts?.upgrade !== true) return;
    const tried = facts.dry_run === 'pass';
    this.#dryRun.count(id, tried);
    (tried ? this.#okWith : this.#okWithout).count(id, end === 'succeeded');
  }

  /** The measures as of a time in epoch milliseconds: what ended less than a minute before it may still be sealed. */
  view(asOf: number): MeasuresView {
    const { from, to, project, environment } = this.#query;
    let sealing = 0;
    for (const [id, endedAt] of this.#unsealed) {
      if (asOf - endedAt < sealingGraceMs) sealing += 1;
      else this.#evidence.count(id, false);
    }
    this.#unsealed.clear();
    const waits = this.#waitsMs.sort((left, right) => left - right);
    return {
      schema: 'countersign.measures.v1',
      from: from ?? null,
      to: to ?? null,
      project: project ?? null,
      environment: environment ?? null,
      entries: this.#entries,
      measures: [
        this.#prodUndiffed,
        this.#undiffed,
        this.#evidence,
        this.#preflight,
        this.#replays,
        this.#dryRun,
        this.#okWith,
        this.#okWithout,
      ].map((ratio) => ratio.view()),
      outcomes: { ...this.#outcomes },
      sealing,
      untold: this.#untold,
      approvals: { ...this.#approvals },
      approval_wait_ms: waits.length === 0 ? null : { p50: percentile(waits, 0.5), p95: percentile(waits, 0.95) },
      denied: this.#denied,
      unknown: { ...this.#unknown },
    };
  }
}

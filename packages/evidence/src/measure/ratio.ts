import { type Measure, type MeasureId, measureIds } from '@countersign/protocol';

const mostOffenders = 100;

/** Counts one measure: `hit` says whether a case belongs to the numerator. */
export class Ratio {
  readonly #id: MeasureId;
  readonly #wanted: Measure['wanted'];
  #numerator = 0;
  #denominator = 0;
  #offenderCount = 0;
  readonly #offenders: string[] = [];

  constructor(id: MeasureId, wanted: Measure['wanted']) {
    this.#id = id;
    this.#wanted = wanted;
  }

  /** Adds one case. */
  count(operationId: string, hit: boolean): void {
    this.#denominator += 1;
    if (hit) this.#numerator += 1;
    if (this.#wanted === null || hit === (this.#wanted === 'all')) return;
    this.#offenderCount += 1;
    if (this.#offenders.length < mostOffenders) this.#offenders.push(operationId);
  }

  /** The measure so far. Nothing counted is no success: ratio and `met` are null then. */
  view(): Measure {
    const [numerator, denominator] = [this.#numerator, this.#denominator];
    const nothing = denominator === 0;
    return {
      id: this.#id,
      summary: measureIds[this.#id],
      numerator,
      denominator,
      ratio: nothing ? null : numerator / denominator,
      wanted: this.#wanted,
      met: nothing || this.#wanted === null ? null : this.#offenderCount === 0,
      offenders: [...this.#offenders],
      offender_count: this.#offenderCount,
    };
  }
}

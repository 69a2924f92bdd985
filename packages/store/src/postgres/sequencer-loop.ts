import { type HashChildren, sequenceEntries } from '../audit/sequencer.ts';
import type { StoreWarning } from '../open/store-options.ts';
import type { Transactions } from './transactions.ts';

/** What the loop needs. */
export interface SequencerLoopOptions {
  readonly transactions: Transactions;
  readonly hashChildren: HashChildren;
  readonly report: (warning: StoreWarning) => void;
  /** How often to look for entries that nobody told of: those of a server that died. */
  readonly everyMs: number;
}

const entriesPerTransaction = 1000;

/**
 * Gives leaf indexes after commits. Every server runs one; a lock in the database lets one work at a time. Commits that
 * happen while it works are served together by its next round.
 */
export class SequencerLoop {
  readonly #options: SequencerLoopOptions;
  readonly #timer: NodeJS.Timeout;
  #wanted = false;
  #round: Promise<void> | null = null;

  constructor(options: SequencerLoopOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.trigger(), options.everyMs).unref();
  }

  /** Says that entries wait. */
  trigger(): void {
    this.#wanted = true;
    this.#round ??= this.#drain();
  }

  /** Gives every committed entry its index; answers how many got one. */
  async sequence(): Promise<number> {
    const { transactions, hashChildren } = this.#options;
    for (let total = 0; ; ) {
      const { value: given } = await transactions.write((unit) =>
        sequenceEntries(unit.audit, hashChildren, entriesPerTransaction),
      );
      total += given;
      if (given < entriesPerTransaction) return total;
    }
  }

  /** Ends after serving the commits that it was told of. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #drain(): Promise<void> {
    while (this.#wanted) {
      this.#wanted = false;
      try {
        await this.sequence();
      } catch (error) {
        this.#options.report({ kind: 'sequencer_failed', error });
      }
    }
    this.#round = null;
  }
}

import { expect } from 'vitest';
import { type Attempt, wasRefused } from './attempt.ts';
import { type Random, seeded } from './random.ts';

/** How many mutants in all, over all stages; 100,000 on demand. */
export const mutants = Number(process.env['COUNTERSIGN_MUTANTS'] ?? 2000);
export const seed = Number(process.env['COUNTERSIGN_SEED'] ?? 20_261_121);

/** Counts the mutants of one stage by what was changed and by what refused them. */
export class Tally {
  readonly wanted: number;
  readonly random: Random;
  readonly #name: string;
  readonly #kinds = new Map<string, number>();
  readonly #answers = new Map<string, number>();
  readonly #executed: string[] = [];
  #tried = 0;
  /** Other spellings of the very same thing: no mutants. */
  same = 0;

  constructor(name: string, share: number) {
    this.#name = name;
    this.wanted = Math.ceil(mutants * share);
    this.random = seeded(seed + name.length * 7919 + name.charCodeAt(0));
  }

  get done(): boolean {
    return this.#tried >= this.wanted;
  }

  note(kind: string, at: string, attempt: Attempt): void {
    this.#tried += 1;
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    this.#answers.set(attempt.answer, (this.#answers.get(attempt.answer) ?? 0) + 1);
    if (!wasRefused(attempt))
      this.#executed.push(`${kind} at ${at}: ${attempt.answer}, ${attempt.effects.length} effects`);
  }

  /** Prints the counts; fails when one was executed, or refused without a declared code. */
  end(): void {
    const list = (counts: ReadonlyMap<string, number>) =>
      [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([what, count]) => `${what} ${count}`)
        .join(', ');
    console.log(
      `${this.#name}: ${this.#tried} mutants (seed ${seed}), ${this.#executed.length} executed, ${this.same} other spellings left out\n  by class: ${list(this.#kinds)}\n  by answer: ${list(this.#answers)}`,
    );
    expect(this.#executed.slice(0, 10)).toEqual([]);
    expect(this.#tried).toBeGreaterThanOrEqual(this.wanted);
  }
}

import type { Budget } from '@countersign/kernel';
import { recordAlone } from '../audit/record-audit.ts';
import type { EngineContext } from '../context/context.ts';
import { addressKey } from './attempt-limits.ts';

/** A try that was refused unseen. `person` is a name only where somebody has it. */
export interface LimitedTry {
  readonly address: string;
  readonly person: string | null;
  readonly retryAfterMs: number;
  readonly correlationId: string;
}

interface Note extends Omit<LimitedTry, 'person'> {
  readonly people: Set<string>;
  tries: number;
}

/** A flood of guesses is not to be a flood of entries: the log says once a minute that an address was limited. */
const told: Budget = { name: 'told', quota: 1, windowMs: 60_000 };
/** Addresses that wait to be told of at most, and names of each: beyond, tries are counted and no more is kept. */
const mostAddresses = 1000;
const mostPeople = 20;
const elsewhere = 'elsewhere';

/**
 * Notes in memory that addresses were limited; the sweeper writes it. Nothing is written before the answer: a name that somebody
 * has would show by the time that this takes.
 */
export class LimitNotes {
  #notes = new Map<string, Note>();

  /** Notes a try; the same is done for a name that nobody has. */
  note({ person, address, retryAfterMs, correlationId }: LimitedTry): void {
    const own = addressKey(address);
    const key = this.#notes.has(own) || this.#notes.size < mostAddresses ? own : elsewhere;
    const note = this.#notes.get(key) ?? {
      address: key === own ? address : elsewhere,
      retryAfterMs,
      correlationId,
      people: new Set(),
      tries: 0,
    };
    this.#notes.set(key, note);
    note.tries += 1;
    if (person !== null && note.people.size < mostPeople) note.people.add(person);
  }

  /** Writes an entry for each address of which none was written within the last minute; the others go on counting. */
  async flush(context: EngineContext): Promise<void> {
    for (const [key, note] of [...this.#notes]) {
      if (!(await context.limiter.take(`sign-in told ${key}`, [told])).allowed) continue;
      this.#notes.delete(key);
      const people = [...note.people].sort();
      await recordAlone(context, {
        event: 'auth.sign_in_limited',
        actor: { principal: 'unknown', root: 'unknown', ai: false },
        subject: { kind: 'person', id: people.length === 1 ? (people[0] ?? 'unknown') : 'unknown' },
        outcome: 'refused',
        correlationId: note.correlationId,
        detail: { address: note.address, tries: note.tries, people, retry_after_ms: note.retryAfterMs },
      });
    }
  }
}

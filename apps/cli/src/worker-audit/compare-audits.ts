import type { AuditEntryView, WorkerAuditEntry } from '@countersign/protocol';
import type { VerifiedAudit } from './verify-folder.ts';

/** One thing that one side says and the other does not. */
export interface Difference {
  readonly what: 'intent' | 'outcome' | 'read';
  readonly op_id: string;
  readonly step: number | null;
  readonly detail: string;
  /** When whoever says it said it, epoch ms. */
  readonly at: number;
}

/** What the server's log and a worker's own audit say of the same work. */
export interface Comparison {
  /** Intents, outcomes and reads that both have. */
  readonly agreed: number;
  /** What the server says that this worker did and its own audit lacks. */
  readonly only_server: readonly Difference[];
  /** Effects with an outcome in the worker's audit that the server's log lacks. */
  readonly only_worker: readonly Difference[];
  /** Entries of the server from before the worker's first. */
  readonly before: number;
  /** Keys that signed entries and with which this worker never joined. */
  readonly unknown_keys: readonly string[];
  /** Entries without a signature of a worker that joined with a key: whoever changes a file can take signatures away. */
  readonly unsigned_of_enrolled: number;
}

/** What a comparison needs to know of the worker's files. */
type OwnWord = Pick<VerifiedAudit, 'first_at' | 'keyids' | 'unsigned'>;

function textOf(detail: AuditEntryView['detail'], name: string): string {
  const value = detail[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What one entry of the server says that this worker did; null for one that is about something else. */
function saidByServer({ event, subject, detail, at }: AuditEntryView): (Difference & { key: string }) | null {
  const step = Number(textOf(detail, 'step'));
  const op_id = subject.id;
  switch (event) {
    case 'step.intent': {
      const fence = textOf(detail, 'fence');
      return { key: `intent ${op_id} ${step} ${fence}`, what: 'intent', op_id, step, detail: `fence ${fence}`, at };
    }
    case 'step.outcome': {
      const state = textOf(detail, 'state');
      return { key: `outcome ${op_id} ${step} ${state}`, what: 'outcome', op_id, step, detail: state, at };
    }
    case 'read.done':
      return { key: `read ${op_id}`, what: 'read', op_id, step: null, detail: textOf(detail, 'actions'), at };
    default:
      return null;
  }
}

/** The words of a worker's audit, gathered entry by entry, to be held against the server's. */
export class AuditComparison {
  readonly #said = new Set<string>();
  readonly #intents = new Map<string, Difference>();
  readonly #settled = new Set<string>();

  /** Takes the next entry of the worker's audit. */
  add({ note, job, step, outcome, at }: WorkerAuditEntry): void {
    if (job === null) return;
    const { op_id, fence } = job;
    if (note === 'claimed' && job.kind === 'read') this.#said.add(`read ${op_id}`);
    if (step === null) return;
    const key = `intent ${op_id} ${step.index} ${fence}`;
    if (note === 'intent') {
      this.#said.add(key);
      this.#intents.set(key, { what: 'intent', op_id, step: step.index, detail: `fence ${fence}`, at });
    }
    if (note === 'outcome') {
      this.#said.add(`outcome ${op_id} ${step.index} ${outcome}`);
      this.#settled.add(key);
    }
  }

  /** Compares with what the server says of this worker, from its first entry on. */
  with(server: readonly AuditEntryView[], { first_at, keyids, unsigned }: OwnWord): Comparison {
    const said = server.flatMap((entry) => saidByServer(entry) ?? []);
    const known = new Set(said.map(({ key }) => key));
    const now = said.filter(({ at }) => at >= (first_at ?? 0));
    const missing = now.filter(({ key }) => !this.#said.has(key));
    // An intent that the server never heard had no effect, unless the worker says what became of it.
    const extra = [...this.#intents].filter(([key]) => !known.has(key) && this.#settled.has(key));
    const joined = server.filter(({ event }) => event === 'worker.enrolled');
    const enrolled = new Set(joined.map(({ detail }) => detail['keyid']));
    return {
      agreed: now.length - missing.length,
      only_server: missing.map(({ key: _key, ...difference }) => difference),
      only_worker: extra.map(([, difference]) => difference),
      before: said.length - now.length,
      unknown_keys: keyids.filter((keyid) => !enrolled.has(keyid)),
      unsigned_of_enrolled: joined.length > 0 ? unsigned : 0,
    };
  }
}

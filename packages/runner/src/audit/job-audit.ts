import type { CompleteRequest, Failure, Job, OutcomeRequest, WorkerAuditFact } from '@countersign/protocol';
import type { WorkAudit } from './work-audit.ts';

const longestMessage = 500;

function jobOf({ op_id, job_id, run_id, kind, fence, target, steps, plan_digest }: Job): WorkerAuditFact['job'] {
  const actions = steps.map(({ action }) => action);
  return { op_id, job_id, run_id, kind, fence, target: target.name, actions, plan_digest };
}

/** A failure that was scrubbed, in the words of an entry. */
function wordsOf(failure: Failure | undefined): Pick<WorkerAuditFact, 'code' | 'message'> {
  if (failure === undefined) return { code: null, message: null };
  return { code: failure.code, message: failure.message.slice(0, longestMessage).toWellFormed() };
}

function endOf(request: CompleteRequest): Pick<WorkerAuditFact, 'outcome' | 'code' | 'message'> {
  switch (request.kind) {
    case 'plan':
      return 'error' in request.result
        ? { outcome: 'error', ...wordsOf(request.result.error) }
        : { outcome: 'planned', ...wordsOf(undefined) };
    case 'reconcile':
      return { outcome: request.result, ...wordsOf(undefined) };
    case 'run':
    case 'read':
      return { outcome: request.result, ...wordsOf(request.failure) };
  }
}

/** What a worker notes of one job. What comes before an effect throws where it cannot be noted; what comes after is told to `onError`. */
export class JobAudit {
  readonly #job: Job;
  readonly #audit: WorkAudit;
  readonly #onError: (what: string, error: unknown) => void;
  #over = false;

  constructor(job: Job, audit: WorkAudit, onError: (what: string, error: unknown) => void) {
    this.#job = job;
    this.#audit = audit;
    this.#onError = onError;
  }

  async claimed(): Promise<void> {
    await this.#audit.record(this.#fact('claimed', {}));
  }

  async intent(index: number): Promise<void> {
    await this.#audit.record(this.#fact('intent', { step: this.#step(index) }));
  }

  async withheld(index: number, why: string): Promise<void> {
    await this.#note(this.#fact('withheld', { step: this.#step(index), outcome: why }));
  }

  async outcome({ index, outcome, failure }: OutcomeRequest): Promise<void> {
    await this.#note(this.#fact('outcome', { step: this.#step(index), outcome, ...wordsOf(failure) }));
  }

  async refused(failure: Failure): Promise<void> {
    this.#over = true;
    await this.#note(this.#fact('refused', wordsOf(failure)));
  }

  async ended(request: CompleteRequest): Promise<void> {
    this.#over = true;
    const index = request.kind === 'reconcile' ? { step: this.#step(request.index) } : {};
    await this.#note(this.#fact('ended', { ...index, ...endOf(request) }));
  }

  /** The job's work is over here; where it did not come to its end, that is noted. */
  async leave(): Promise<void> {
    if (!this.#over) await this.#note(this.#fact('left', {}));
  }

  #step(index: number): WorkerAuditFact['step'] {
    return { index, action: this.#job.steps.find((step) => step.index === index)?.action ?? null };
  }

  #fact(note: WorkerAuditFact['note'], more: Partial<WorkerAuditFact>): WorkerAuditFact {
    return { note, job: jobOf(this.#job), step: null, outcome: null, code: null, message: null, ...more };
  }

  async #note(fact: WorkerAuditFact): Promise<void> {
    await this.#audit.record(fact).catch((error: unknown) => this.#onError(`the worker's own audit`, error));
  }
}

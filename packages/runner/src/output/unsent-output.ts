import { setTimeout as pause } from 'node:timers/promises';
import { CodedError, type Fence, type Job, type StreamEvent, type WorkerPort } from '@countersign/protocol';
import { passes, patiently } from '../worker/patience.ts';
import type { OutputSpool, Said, Writer } from './output-spool.ts';

/** What one job's output goes through. */
export interface OutputWay {
  readonly port: Pick<WorkerPort, 'appendOutput'>;
  readonly job: Pick<Job, 'op_id' | 'job_id' | 'fence' | 'lease_ms'>;
  readonly fence: Fence;
  readonly spool: OutputSpool;
  readonly lost: AbortSignal;
  onError(what: string, error: unknown): void;
}

/** Longer than this the server has not been heard, and the output goes to the disk. */
const heardWithinMs = 2000;
const retryEveryMs = 500;

/** A try that nobody waits for any longer. What it was about may have been heard: it is said again under its number. */
async function heard(attempt: Promise<void>): Promise<void> {
  const stop = new AbortController();
  const late = async (): Promise<never> => {
    await pause(heardWithinMs, undefined, { signal: stop.signal });
    throw new CodedError('E_TIMEOUT', `the server was not heard within ${heardWithinMs} ms`);
  };
  try {
    await Promise.race([attempt, late()]);
  } finally {
    stop.abort();
    attempt.catch(() => undefined);
  }
}

/**
 * The output of one claim: numbered, in order, handed in at once or kept on disk until the server is heard again. Whoever says
 * something waits for one of both, so that a server which cannot be reached stops no effect half-way.
 */
export class UnsentOutput {
  readonly #way: OutputWay;
  readonly #writer: Writer;
  #count = 0;
  #kept = false;
  #chain: Promise<void> = Promise.resolve();
  #retrying: Promise<void> | null = null;

  constructor(way: OutputWay) {
    this.#way = way;
    this.#writer = { job_id: way.job.job_id, fence: way.job.fence };
  }

  /** Resolves once the server or the disk has it. */
  append(events: StreamEvent[]): Promise<void> {
    const said = { first: this.#count + 1, events };
    this.#count += events.length;
    return this.#inOrder(() => this.#say(said));
  }

  /** Resolves once the server has everything; tries for as long as a lease, then throws why not. */
  async handedIn(): Promise<void> {
    const { job, lost } = this.#way;
    await this.#chain.catch(() => undefined);
    if (this.#kept) await patiently(job.lease_ms, lost, () => this.#inOrder(() => this.#retry()));
  }

  /**
   * Hands in what earlier claims of this operation kept, before this one says anything. What the server does not take is
   * dropped with a word: it must not keep the job from its end.
   */
  async handInEarlier(): Promise<void> {
    const { port, job, fence, spool, lost, onError } = this.#way;
    for (const { writer, said } of await spool.kept(job.op_id)) {
      if (writer.job_id === job.job_id && writer.fence >= job.fence) continue;
      try {
        for (const each of said) {
          await patiently(job.lease_ms, lost, () => port.appendOutput(fence, { ...each, of: writer }));
        }
      } catch (error) {
        if (passes(error) || lost.aborted || !(error instanceof CodedError) || error.code === 'E_LEASE_LOST')
          throw error;
        onError(`unsent output of ${job.op_id}`, error);
      }
      await spool.drop(job.op_id, writer);
    }
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const result = this.#chain.then(work);
    this.#chain = result.catch(() => undefined);
    return result;
  }

  async #say(said: Said): Promise<void> {
    const { port, fence, lost } = this.#way;
    if (!this.#kept && !lost.aborted) {
      try {
        return await heard(port.appendOutput(fence, said));
      } catch (error) {
        const ours = passes(error) || (error instanceof CodedError && error.code === 'E_LEASE_LOST');
        if (!ours) throw error;
      }
    }
    await this.#keep(said);
  }

  async #keep(said: Said): Promise<void> {
    const { port, job, fence, spool, lost, onError } = this.#way;
    try {
      await spool.keep(job.op_id, this.#writer, said);
    } catch (error) {
      // A disk that takes nothing: then whoever says something waits for the server after all, in order.
      onError('keep output', error);
      if (this.#kept) await patiently(job.lease_ms, lost, () => this.#retry());
      return await patiently(job.lease_ms, lost, () => port.appendOutput(fence, said));
    }
    this.#kept = true;
    this.#retrying ??= this.#retryUntilHeard();
  }

  /** Once a claim lost its lease it says nothing more; the next one hands in what is kept. */
  async #retryUntilHeard(): Promise<void> {
    const { lost } = this.#way;
    while (this.#kept && !lost.aborted) {
      await pause(retryEveryMs, undefined, { signal: lost }).catch(() => undefined);
      if (!lost.aborted) await this.#inOrder(() => this.#retry()).catch(() => undefined);
    }
    this.#retrying = null;
  }

  async #retry(): Promise<void> {
    if (!this.#kept) return;
    const { port, job, fence, spool } = this.#way;
    const own = (await spool.kept(job.op_id)).find(
      ({ writer }) => writer.job_id === job.job_id && writer.fence === job.fence,
    );
    for (const each of own?.said ?? []) await heard(port.appendOutput(fence, each));
    await spool.drop(job.op_id, this.#writer);
    this.#kept = false;
  }
}

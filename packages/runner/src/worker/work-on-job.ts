import { CodedError, type WorkerPort } from '@countersign/protocol';
import { auditedPort } from '../audit/audited-port.ts';
import type { JobAudit } from '../audit/job-audit.ts';
import { type JobSession, scrubberOf } from '../job/job-session.ts';
import { planJob } from '../job/plan-job.ts';
import { readJob } from '../job/read-job.ts';
import { reconcileJob } from '../job/reconcile-job.ts';
import { runJob } from '../job/run-job.ts';
import type { OutputSpool } from '../output/output-spool.ts';
import { UnsentOutput } from '../output/unsent-output.ts';
import { patientPort } from './patient-port.ts';

type Work = Omit<JobSession, 'port' | 'scrubber' | 'cancelled' | 'lost' | 'assertHeld'> & {
  readonly port: WorkerPort;
  /** Where output waits that the server cannot be told; left out where the server is this process. */
  readonly spool?: OutputSpool | undefined;
  /** The worker's own audit of this job; left out where the worker keeps none. */
  readonly audit?: JobAudit | null;
  onError(what: string, error: unknown): void;
};

/** How the end of a worker reaches its jobs. */
export interface WorkerEnd {
  /** The worker stops: reads end with what they have, everything else goes on to its end. */
  readonly stopping: AbortSignal;
  /** The worker waits no longer: nothing is written any more, and whoever takes over reads back. */
  readonly abandoned: AbortSignal;
}

const neverEnds: WorkerEnd = { stopping: new AbortController().signal, abandoned: new AbortController().signal };

const kinds = { plan: planJob, read: readJob, run: runJob, reconcile: reconcileJob } as const;

/** Keeps the lease while the work goes on; stops by itself before the lease ends when the server cannot be reached. */
class Lease {
  readonly cancelled = new AbortController();
  readonly lost = new AbortController();
  readonly #work: Work;
  #timer: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #lastKeptAt = performance.now();
  #ended = false;

  constructor(work: Work) {
    this.#work = work;
    this.#keptSince(performance.now());
    this.#schedule();
  }

  /** A heartbeat that is never answered must not hide that the lease runs out. */
  #keptSince(at: number): void {
    this.#lastKeptAt = at;
    clearTimeout(this.#watch);
    const left = at + this.#work.job.lease_ms * 0.8 - performance.now();
    this.#watch = setTimeout(() => this.lost.abort(), Math.max(0, left));
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#beat(), this.#work.job.lease_ms / 3);
  }

  async #beat(): Promise<void> {
    const sentAt = performance.now();
    try {
      const answer = await this.#work.port.heartbeat(this.#work.fence);
      if (this.#ended) return;
      this.#keptSince(sentAt);
      if (answer.cancel) this.cancelled.abort();
    } catch (error) {
      if (this.#ended) return;
      if (this.#overdue() || (error instanceof CodedError && error.code === 'E_LEASE_LOST')) {
        this.lost.abort();
        return;
      }
    }
    if (!this.lost.signal.aborted) this.#schedule();
  }

  #overdue(): boolean {
    return performance.now() - this.#lastKeptAt > this.#work.job.lease_ms * 0.8;
  }

  /** A frozen process wakes up before its timers do: the time itself is looked at. */
  assertHeld(): void {
    if (!this.lost.signal.aborted && !this.#overdue()) return;
    this.lost.abort();
    throw new CodedError('E_LEASE_LOST', 'the lease ran out before the effect; nothing was done');
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
  }
}

/** Works on one job to its end. Never throws: what fails is reported to the server, or told to `onError` when the lease is gone. */
export async function workOnJob(work: Work, end: WorkerEnd = neverEnds): Promise<void> {
  const lease = new Lease(work);
  const lost = AbortSignal.any([lease.lost.signal, end.abandoned]);
  const { spool, audit } = work;
  const unsent = spool === undefined ? null : new UnsentOutput({ ...work, spool, lost });
  const port = patientPort(work.port, work.job, lost, unsent);
  const session: JobSession = {
    ...work,
    port: audit == null ? port : auditedPort(port, audit),
    scrubber: scrubberOf(work.job),
    cancelled:
      work.job.kind === 'read' ? AbortSignal.any([lease.cancelled.signal, end.stopping]) : lease.cancelled.signal,
    lost,
    assertHeld: () => lease.assertHeld(),
  };
  try {
    await unsent?.handInEarlier();
    await kinds[work.job.kind](session);
  } catch (error) {
    work.onError(`${work.job.kind} of ${work.job.op_id}`, error);
  } finally {
    lease.end();
    await audit?.leave();
  }
}

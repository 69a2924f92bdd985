import type { AnyConnector, ConnectorPorts } from '@countersign/connector-kit';
import {
  CodedError,
  type Failure,
  type Fence,
  type Job,
  type JobKind,
  type RegisterAnswer,
  type WorkerPort,
} from '@countersign/protocol';
import { JobAudit } from '../audit/job-audit.ts';
import type { WorkAudit } from '../audit/work-audit.ts';
import type { RunnerFaults } from '../job/job-session.ts';
import type { OutputSpool } from '../output/output-spool.ts';
import { endsWithin } from './ends-within.ts';
import { leftOut, notHere, refusalOf, unnoted } from './refuse-job.ts';
import { type AcceptTarget, ServedTargets, type WorkerTargetConfig } from './served-targets.ts';
import { workOnJob } from './work-on-job.ts';

export interface WorkerOptions {
  readonly name: string;
  /** One process life: a fresh UUID. */
  readonly instance: string;
  readonly version: string;
  readonly port: WorkerPort;
  readonly connectors: readonly AnyConnector[];
  readonly targets: readonly WorkerTargetConfig[];
  readonly ports: ConnectorPorts;
  readonly faults: RunnerFaults;
  /** How many jobs at once: planning and reading have their own slots, so a long run cannot starve them. */
  readonly slots: { readonly run: number; readonly look: number };
  /** Which targets it takes from the server; none when left out. */
  readonly accept?: AcceptTarget | undefined;
  /** Where output waits that the server cannot be told; left out for a worker inside of the server. */
  readonly spool?: OutputSpool | undefined;
  /** The worker's own audit; left out for a worker inside of the server, whose audit it is. */
  readonly audit?: WorkAudit | undefined;
  onError(what: string, error: unknown): void;
  /** Told of each registration that says something else than the one before. */
  onRegistered?(answer: RegisterAnswer): void;
}

const claimWaitMs = 10_000;
const retryMs = 1000;
const readinessEveryMs = 10_000;
const stopGraceMs = 20_000;
const abandonMs = 2000;

const refuseAll: AcceptTarget = () => {
  throw new CodedError('E_WORKER_REFUSED', 'this worker takes no targets from its server', {
    next: 'allow them with worker.accept in its countersign.yaml',
  });
};

/** Claims jobs and works on them until it is stopped. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #served: ServedTargets;
  readonly #stopped = new AbortController();
  readonly #abandoned = new AbortController();
  readonly #loops: Promise<void>[] = [];
  readonly #active = new Set<Promise<void>>();
  #registering: Promise<void> | null = null;
  #told = '';
  /** The newest question to look at the targets that this worker knows of; 0 for none. */
  #lookAt = 0;
  #answered = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#served = new ServedTargets(options.targets, options.connectors, options.ports);
  }

  /** Registers and begins to claim. */
  async start(): Promise<void> {
    await this.#registerWhenFree();
    this.#timer = setInterval(() => void this.#retell(), readinessEveryMs);
    const { run, look } = this.#options.slots;
    this.#loops.push(this.#loop(['run', 'reconcile'], run), this.#loop(['plan', 'read'], look), this.#follow());
  }

  /**
   * Stops claiming, ends reads with what they have, lets runs come to their end, and closes the connections. What is not
   * at its end after 20 s is left as after a kill: it is written of no more, and whoever takes over reads back.
   */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearInterval(this.#timer);
    const ended = this.#ended();
    if (!(await endsWithin(ended, stopGraceMs))) {
      this.#abandoned.abort();
      if (!(await endsWithin(ended, abandonMs))) this.#options.onError('stop', new Error('work was left behind'));
    }
    await this.#served.close();
    await this.#options.audit?.close();
  }

  async #ended(): Promise<void> {
    await Promise.all(this.#loops);
    await Promise.all(this.#active);
  }

  /** Registers again when a target's readiness changed, so that health tells the truth. */
  async #retell(): Promise<void> {
    try {
      if (JSON.stringify(await this.#served.readiness()) !== this.#told) await this.#register();
    } catch (error) {
      this.#options.onError('register', error);
    }
  }

  /** A worker that was killed is let in again once its lease is over; until then the server says so. */
  async #registerWhenFree(): Promise<void> {
    for (;;) {
      try {
        return await this.#register();
      } catch (error) {
        const waitMs = error instanceof CodedError ? error.detail['retry_after_ms'] : undefined;
        if (typeof waitMs !== 'number' || this.#stopped.signal.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs + 50, retryMs)));
      }
    }
  }

  async #register(): Promise<void> {
    this.#registering ??= (async () => {
      const { name, instance, version, port } = this.#options;
      const lookedAt = this.#lookAt;
      const targets = await this.#served.readiness();
      const answer = await port.register({
        worker: name,
        instance,
        version,
        targets,
        manifests: this.#served.manifests(),
        ...(lookedAt === 0 ? {} : { looked_at: lookedAt }),
      });
      this.#tell(answer);
      this.#told = JSON.stringify(targets);
    })().finally(() => {
      this.#registering = null;
    });
    await this.#registering;
  }

  #tell(answer: RegisterAnswer): void {
    const said = JSON.stringify(answer);
    if (said !== this.#answered) this.#options.onRegistered?.(answer);
    this.#answered = said;
  }

  /**
   * Waits for one job with one claim; once it has one it asks for as many again as it got and as many more, because every
   * claim waits for a commit of its own and one after the other they would hold up all slots.
   */
  async #loop(kinds: JobKind[], slots: number): Promise<void> {
    const { signal } = this.#stopped;
    const busy = new Set<Promise<void>>();
    const claimAndWork = async (waitMs: number): Promise<number> => {
      const job = await this.#claim(kinds, waitMs, signal);
      if (job === null) return 0;
      const work = this.#work(job).finally(() => {
        busy.delete(work);
        this.#active.delete(work);
      });
      busy.add(work);
      this.#active.add(work);
      return 1;
    };
    let found = 0;
    while (!signal.aborted) {
      const free = slots - busy.size;
      if (free <= 0) await Promise.race(busy);
      else if (found === 0) found = await claimAndWork(claimWaitMs);
      else {
        const claims = Array.from({ length: Math.min(2 * found, free) }, () => claimAndWork(0));
        found = (await Promise.all(claims)).reduce((sum, count) => sum + count, 0);
      }
    }
  }

  /**
   * Serves what the server assigns beside the own file, and looks at everything anew when somebody asks. What fails is tried
   * again: until then it serves what it did.
   */
  async #follow(): Promise<void> {
    const { name: worker, instance, port, accept, onError } = this.#options;
    const { signal } = this.#stopped;
    let known = '';
    while (!signal.aborted) {
      try {
        const assigned = await port.assigned({ worker, instance, known, wait_ms: claimWaitMs }, signal);
        if (assigned.version === known || signal.aborted) continue;
        await this.#served.take(assigned.targets, accept ?? refuseAll);
        this.#lookAt = assigned.look_at;
        if (known !== '' || assigned.targets.length > 0 || assigned.look_at > 0) await this.#registerAnew();
        known = assigned.version;
      } catch (error) {
        if (signal.aborted) return;
        onError('assigned targets', error);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  /** A registration that is under way may have looked before: then once more. */
  async #registerAnew(): Promise<void> {
    await this.#registering?.catch(() => undefined);
    await this.#register();
  }

  async #claim(kinds: JobKind[], waitMs: number, signal: AbortSignal): Promise<Job | null> {
    const { name, instance, port } = this.#options;
    try {
      return await port.claim({ worker: name, instance, kinds, wait_ms: waitMs }, signal);
    } catch (error) {
      if (signal.aborted) return null;
      this.#options.onError('claim', error);
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      if (error instanceof CodedError && error.code === 'E_LEASE_LOST')
        await this.#register().catch((cause: unknown) => this.#options.onError('register', cause));
      return null;
    }
  }

  async #refuse(job: Job, fence: Fence, failure: Failure, audit: JobAudit | null): Promise<void> {
    const { port, onError } = this.#options;
    onError('work', new CodedError('E_WORKER_REFUSED', failure.message));
    await audit?.refused(failure);
    await port.complete(fence, refusalOf(job, failure)).catch((error: unknown) => onError('refuse', error));
  }

  async #work(job: Job): Promise<void> {
    const { name, port, instance, faults, ports, onError } = this.#options;
    const fence = { job_id: job.job_id, fence: job.fence, instance };
    const audit = this.#options.audit === undefined ? null : new JobAudit(job, this.#options.audit, onError);
    const connected = this.#served.get(job.target.name);
    if (connected === undefined) return await this.#refuse(job, fence, notHere(name, job), audit);
    const refused = leftOut(name, job, connected.allowed) ?? (await unnoted(audit));
    if (refused !== null) return await this.#refuse(job, fence, refused, audit);
    const work = {
      job,
      fence,
      port,
      target: connected.target,
      connector: connected.named,
      actions: new Map(connected.connector.actions.map((action) => [action.name, action])),
      faults,
      now: () => ports.now(),
      spool: this.#options.spool,
      audit,
      onError,
    };
    const end = { stopping: this.#stopped.signal, abandoned: this.#abandoned.signal };
    await this.#served.use(connected, () => workOnJob(work, end));
  }
}

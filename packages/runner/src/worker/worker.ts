import { type AnyConnector, type ConnectedTarget, type ConnectorPorts, manifestOf } from '@countersign/connector-kit';
import {
  CodedError,
  coversAction,
  type Failure,
  type Job,
  type JobKind,
  type PlanBody,
  type RegisterAnswer,
  type WorkerPort,
  type WorkerTarget,
} from '@countersign/protocol';
import type { RunnerFaults } from '../job/job-session.ts';
import type { OutputSpool } from '../output/output-spool.ts';
import { endsWithin } from './ends-within.ts';
import { refusalOf } from './refuse-job.ts';
import { workOnJob } from './work-on-job.ts';

/** One target this worker holds the credentials of. */
export interface WorkerTargetConfig {
  readonly name: string;
  readonly connector: string;
  /** Parsed by the connector's own schema. */
  readonly config: unknown;
  /** This worker's own allowlist: `docker.logs`, `docker.*` or `*`. Left out, it does all of the connector's actions there. */
  readonly actions?: readonly string[] | undefined;
}

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
  /** Where output waits that the server cannot be told; left out for a worker inside of the server. */
  readonly spool?: OutputSpool | undefined;
  onError(what: string, error: unknown): void;
  /** Told of each registration that says something else than the one before. */
  onRegistered?(answer: RegisterAnswer): void;
}

interface Connected {
  readonly connector: AnyConnector;
  readonly target: ConnectedTarget;
  readonly named: PlanBody['connector'];
  readonly allowed: readonly string[] | undefined;
}

const claimWaitMs = 10_000;
const retryMs = 1000;
const readinessTimeoutMs = 5000;
const readinessEveryMs = 10_000;
const stopGraceMs = 20_000;
const abandonMs = 2000;

/** Claims jobs and works on them until it is stopped. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #connected = new Map<string, Connected>();
  readonly #stopped = new AbortController();
  readonly #abandoned = new AbortController();
  readonly #loops: Promise<void>[] = [];
  readonly #active = new Set<Promise<void>>();
  #registering: Promise<void> | null = null;
  #told = '';
  #answered = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    for (const { name, connector: wanted, config, actions: allowed } of options.targets) {
      const connector = options.connectors.find((known) => known.name === wanted);
      if (connector === undefined)
        throw new CodedError(
          'E_CONFIG',
          `target "${name}" wants connector "${wanted}", which this worker does not have`,
        );
      const { version, hash } = manifestOf(connector);
      const named = { name: connector.name, version, manifest_hash: hash };
      this.#connected.set(name, { connector, named, allowed, target: connector.connect(config, options.ports) });
    }
  }

  /** Registers and begins to claim. */
  async start(): Promise<void> {
    await this.#registerWhenFree();
    this.#timer = setInterval(() => void this.#retell(), readinessEveryMs);
    const { run, look } = this.#options.slots;
    this.#loops.push(this.#loop(['run', 'reconcile'], run), this.#loop(['plan', 'read'], look));
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
    for (const { target } of this.#connected.values()) await target.close();
  }

  async #ended(): Promise<void> {
    await Promise.all(this.#loops);
    await Promise.all(this.#active);
  }

  async #readiness(): Promise<WorkerTarget[]> {
    return await Promise.all(
      [...this.#connected].map(async ([name, { connector, target, allowed }]) => ({
        name,
        connector: connector.name,
        ...(await target.readiness(AbortSignal.timeout(readinessTimeoutMs))),
        ...(allowed === undefined
          ? {}
          : { actions: connector.actions.map((action) => action.name).filter((name) => coversAction(allowed, name)) }),
      })),
    );
  }

  /** Registers again when a target's readiness changed, so that health tells the truth. */
  async #retell(): Promise<void> {
    try {
      if (JSON.stringify(await this.#readiness()) !== this.#told) await this.#register();
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
      const { name, instance, version, port, connectors } = this.#options;
      const used = connectors.filter((connector) =>
        [...this.#connected.values()].some((known) => known.connector === connector),
      );
      const targets = await this.#readiness();
      const answer = await port.register({ worker: name, instance, version, targets, manifests: used.map(manifestOf) });
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

  #notHere({ target }: Job): Failure {
    return {
      code: 'E_WORKER_REFUSED',
      message: `worker "${this.#options.name}" has no target "${target.name}"`,
      detail: { next: `add it to the worker's countersign.yaml, or wait for one that has it` },
    };
  }

  /** Whatever the server asks for: what the worker's own allowlist does not hold is not done. */
  #leftOut({ steps, target }: Job, { allowed }: Connected): Failure | null {
    const step = allowed === undefined ? undefined : steps.find(({ action }) => !coversAction(allowed, action));
    if (step === undefined) return null;
    return {
      code: 'E_WORKER_REFUSED',
      message: `worker "${this.#options.name}" does not do ${step.action} on "${target.name}": its own allowlist does not hold it`,
      detail: { field: `/steps/${step.index}/action`, next: `add it to "actions" of that target at the worker` },
    };
  }

  async #work(job: Job): Promise<void> {
    const { port, instance, faults, ports, onError } = this.#options;
    const fence = { job_id: job.job_id, fence: job.fence, instance };
    const connected = this.#connected.get(job.target.name);
    const refused = connected === undefined ? this.#notHere(job) : this.#leftOut(job, connected);
    if (connected === undefined || refused !== null) {
      const failure = refused ?? this.#notHere(job);
      onError('work', new CodedError('E_WORKER_REFUSED', failure.message));
      await port.complete(fence, refusalOf(job, failure)).catch((error: unknown) => onError('refuse', error));
      return;
    }
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
      onError,
    };
    await workOnJob(work, { stopping: this.#stopped.signal, abandoned: this.#abandoned.signal });
  }
}

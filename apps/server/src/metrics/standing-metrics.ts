import { type EngineContext, readStanding, type Standing } from '@countersign/engine';
import { Gauge, type Registry } from 'prom-client';

const jobKinds = ['plan', 'run', 'read', 'reconcile', 'seal', 'generate'] as const;
const runStates = ['queued', 'running', 'cancelling', 'outcome_unknown'] as const;
const operationStates = ['draft', 'planning', 'planned'] as const;
const everywhere = 'every server says the same: take the max';

function gauges(registry: Registry) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> =>
    new Gauge({ name, help: `${help}; ${everywhere}`, labelNames, registers: [registry] });
  return {
    panic: gauge('countersign_panic', 'Whether panic mode is on', []),
    jobs: gauge('countersign_jobs_queued', 'Jobs that wait to be claimed', ['kind', 'connector']),
    jobAge: gauge('countersign_jobs_oldest_seconds', 'Age of the oldest job that waits', ['kind', 'connector']),
    targetJobs: gauge('countersign_target_jobs_queued', 'Jobs that wait at a target', ['target', 'connector']),
    targetJobAge: gauge('countersign_target_jobs_oldest_seconds', 'Age of the oldest job that waits at a target', [
      'target',
      'connector',
    ]),
    runs: gauge('countersign_runs_open', 'Runs and reads that are not over', ['state', 'connector']),
    runAge: gauge('countersign_runs_open_oldest_seconds', 'Age of the oldest of them', ['state', 'connector']),
    operations: gauge('countersign_operations_open', 'Operations that are not closed', ['state']),
    operationAge: gauge('countersign_operations_open_oldest_seconds', 'Age of the oldest of them', ['state']),
    locks: gauge('countersign_locks_held', 'Targets that a run holds', ['connector']),
    lockAge: gauge('countersign_locks_oldest_seconds', 'How long the oldest lock has been held', ['connector']),
    ready: gauge('countersign_target_ready', '1 where a target is ready, 0.5 where it is degraded, else 0', [
      'target',
      'connector',
    ]),
    live: gauge('countersign_worker_live', 'Whether a worker that joined speaks', ['worker']),
    skewed: gauge('countersign_worker_skewed', "Whether a worker's version is not the server's", ['worker']),
    silence: gauge('countersign_worker_silent_seconds', 'Since when a worker has not spoken', ['worker']),
    behind: gauge('countersign_webhook_behind', 'Entries of the log that a webhook has not been told of', ['webhook']),
  };
}

type Gauges = ReturnType<typeof gauges>;
const readiness = { ready: 1, degraded: 0.5, unavailable: 0 } as const;

/** Metrics of how the installation stands. */
export interface StandingMetrics {
  /** Reads it; answers what can be done now. */
  refresh(): Promise<Standing['actions']>;
}

/** Registers them; they are read once a scrape, all in one read of the database. */
export function registerStandingMetrics(registry: Registry, context: EngineContext): StandingMetrics {
  const all = gauges(registry);
  return {
    async refresh() {
      const standing = await readStanding(context);
      for (const gauge of Object.values(all)) gauge.reset();
      begin(all, new Set(context.targets.map(({ connector }) => connector)), context);
      show(all, standing);
      return standing.actions;
    },
  };
}

/** What nothing waits for is 0, not absent. */
function begin(all: Gauges, connectors: ReadonlySet<string>, { targets }: EngineContext): void {
  for (const state of operationStates) {
    all.operations.set({ state }, 0);
    all.operationAge.set({ state }, 0);
  }
  for (const connector of connectors) {
    all.locks.set({ connector }, 0);
    all.lockAge.set({ connector }, 0);
    for (const kind of jobKinds) {
      all.jobs.set({ kind, connector }, 0);
      all.jobAge.set({ kind, connector }, 0);
    }
    for (const state of runStates) {
      all.runs.set({ state, connector }, 0);
      all.runAge.set({ state, connector }, 0);
    }
  }
  for (const { name: target, connector } of targets) {
    all.targetJobs.set({ target, connector }, 0);
    all.targetJobAge.set({ target, connector }, 0);
  }
}

/** Adds up what falls together under its labels, and keeps the oldest. */
function add<Label extends string>(
  [counts, ages]: readonly [Gauge<Label>, Gauge<Label>],
  rows: readonly { labels: Record<Label, string>; count: number; oldestMs: number }[],
): void {
  const oldest = new Map<string, number>();
  for (const { labels, count, oldestMs } of rows) {
    counts.inc(labels, count);
    const name = JSON.stringify(labels);
    const age = Math.max(oldest.get(name) ?? 0, oldestMs / 1000);
    oldest.set(name, age);
    ages.set(labels, age);
  }
}

function show(all: Gauges, standing: Standing): void {
  all.panic.set(standing.panic ? 1 : 0);
  add(
    [all.jobs, all.jobAge],
    standing.jobs.map(({ kind, connector, ...rest }) => ({ labels: { kind, connector }, ...rest })),
  );
  add(
    [all.targetJobs, all.targetJobAge],
    standing.jobs.map(({ target, connector, ...rest }) => ({ labels: { target, connector }, ...rest })),
  );
  add(
    [all.runs, all.runAge],
    standing.runs.map(({ state, connector, ...rest }) => ({ labels: { state, connector }, ...rest })),
  );
  add(
    [all.operations, all.operationAge],
    standing.operations.map(({ state, ...rest }) => ({ labels: { state }, ...rest })),
  );
  add(
    [all.locks, all.lockAge],
    standing.locks.map(({ connector, ...rest }) => ({ labels: { connector }, ...rest })),
  );
  for (const { target, connector, status } of standing.targets) all.ready.set({ target, connector }, readiness[status]);
  for (const { worker, live, skewed, silentMs } of standing.workers) {
    all.live.set({ worker }, live ? 1 : 0);
    all.skewed.set({ worker }, skewed ? 1 : 0);
    all.silence.set({ worker }, silentMs / 1000);
  }
  for (const { webhook, behind } of standing.webhooks) all.behind.set({ webhook }, behind);
}

import { Counter, Histogram, type Registry } from 'prom-client';

const workBuckets = [0.01, 0.05, 0.25, 1, 5, 30, 120, 600, 3600];
const waitBuckets = [0.005, 0.025, 0.1, 0.5, 2, 10, 60, 600, 3600];
const commitBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2, 10];
const peopleBuckets = [1, 10, 60, 300, 1800, 7200, 28_800, 86_400];

/** Registers what is counted. */
export function workCounters(registry: Registry) {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers: [registry] });
  return {
    plans: counter('countersign_plans_total', 'Plans by what became of them', ['connector', 'action', 'outcome']),
    refused: counter('countersign_refused_total', 'Proposals, reads and plans that policy denied', [
      'connector',
      'action',
      'phase',
    ]),
    runs: counter('countersign_runs_total', 'Runs and reads that are over', [
      'connector',
      'action',
      'effect',
      'outcome',
    ]),
    doubted: counter('countersign_runs_doubted_total', 'Runs whose outcome was in doubt, whatever they ended with', [
      'connector',
      'action',
    ]),
    steps: counter('countersign_steps_total', 'Steps of runs by how they ended', ['connector', 'action', 'outcome']),
    retries: counter('countersign_retries_total', 'Work that was begun again after its worker was lost', [
      'kind',
      'connector',
    ]),
    takeBacks: counter('countersign_take_backs_total', 'Jobs whose lease ran out or whose worker began anew', [
      'kind',
      'why',
      'given_up',
    ]),
    said: counter('countersign_output_events_total', 'Lines of output and progress that workers and agents said', []),
    truncated: counter('countersign_output_truncated_total', 'Output that was cut at the cap of its action', ['what']),
    transactions: counter('countersign_database_transactions_total', 'Transactions that were to write', ['outcome']),
    units: counter(
      'countersign_database_units_total',
      'Units of work in those transactions; SQLite has many to one',
      [],
    ),
    databaseRetries: counter('countersign_database_retries_total', 'Transactions begun again after a conflict', []),
  };
}

/** Registers what is timed, in seconds. */
export function workTimes(registry: Registry) {
  const histogram = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: number[],
  ): Histogram<Label> => new Histogram({ name, help, labelNames, buckets, registers: [registry] });
  return {
    plan: histogram('countersign_plan_seconds', 'From asking for a plan to having it', ['connector'], workBuckets),
    decision: histogram('countersign_decision_seconds', 'From a plan to its run', ['connector'], peopleBuckets),
    wait: histogram(
      'countersign_queue_wait_seconds',
      'From making a job to its first claim',
      ['kind', 'connector'],
      waitBuckets,
    ),
    run: histogram(
      'countersign_run_seconds',
      'From the first start of a run or read to its end',
      ['connector', 'action'],
      workBuckets,
    ),
    step: histogram(
      'countersign_step_seconds',
      "From a step's intent to its end",
      ['connector', 'action'],
      workBuckets,
    ),
    transaction: histogram(
      'countersign_database_transaction_seconds',
      'Time of a writing transaction',
      [],
      commitBuckets,
    ),
  };
}

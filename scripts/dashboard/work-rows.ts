import { quantile, type Row, rate } from './panel.ts';

const runs = 'countersign_runs_total';

/** What fails, and who is slow: what was done, per action and connector. */
export const workRows: readonly Row[] = [
  {
    title: 'What fails?',
    panels: [
      {
        title: 'Runs and reads by outcome',
        description: 'What ended, all connectors together.',
        unit: 'ops',
        queries: [{ expr: rate('outcome', runs), legend: '{{outcome}}' }],
      },
      {
        title: 'Runs and reads by connector',
        description: 'What ended, whatever the outcome.',
        unit: 'ops',
        queries: [{ expr: rate('connector', runs), legend: '{{connector}}' }],
      },
      {
        title: 'Runs and reads by action',
        description: 'The fifteen actions that are done most.',
        unit: 'ops',
        queries: [{ expr: `topk(15, ${rate('action', runs)})`, legend: '{{action}}' }],
      },
      {
        title: 'Share that failed',
        description: 'Failed and stale runs and reads of all, by connector. No line where nothing was done.',
        unit: 'percentunit',
        queries: [
          {
            expr: `${rate('connector', `${runs}{outcome=~"failed|stale"}`)} / ${rate('connector', runs)}`,
            legend: '{{connector}}',
          },
        ],
      },
      {
        title: 'Actions that fail',
        description: 'The ten actions that fail most.',
        unit: 'ops',
        queries: [{ expr: `topk(10, ${rate('action', `${runs}{outcome=~"failed|stale"}`)})`, legend: '{{action}}' }],
      },
      {
        title: 'Runs that came into doubt',
        description: 'By action, whatever they ended with.',
        unit: 'ops',
        queries: [{ expr: `topk(10, ${rate('action', 'countersign_runs_doubted_total')})`, legend: '{{action}}' }],
      },
      {
        title: 'Steps by outcome',
        description: 'Steps of runs: verified, failed, or in doubt.',
        unit: 'ops',
        queries: [{ expr: rate('outcome', 'countersign_steps_total'), legend: '{{outcome}}' }],
      },
      {
        title: 'Plans',
        description: 'What became of plans.',
        unit: 'ops',
        queries: [{ expr: rate('outcome', 'countersign_plans_total'), legend: '{{outcome}}' }],
      },
      {
        title: 'Refused by policy',
        description:
          'Proposals, reads and plans that policy denied: `countersign audit ls --event operation.denied` shows whose.',
        unit: 'ops',
        queries: [{ expr: rate('phase', 'countersign_refused_total'), legend: '{{phase}}' }],
      },
      {
        title: 'Jobs taken back',
        description: 'Leases that ran out and workers that began anew.',
        unit: 'ops',
        queries: [{ expr: rate('kind, why', 'countersign_take_backs_total'), legend: '{{kind}} {{why}}' }],
      },
      {
        title: 'Work begun again',
        description: 'Claims after a worker was lost, by connector.',
        unit: 'ops',
        queries: [{ expr: rate('connector', 'countersign_retries_total'), legend: '{{connector}}' }],
      },
      {
        title: 'Requests that were refused or failed',
        description: 'HTTP answers of 400 and more, by status.',
        unit: 'reqps',
        queries: [{ expr: rate('status', 'countersign_http_requests_total{status=~"[45].."}'), legend: '{{status}}' }],
      },
      {
        title: 'Database',
        description: 'Transactions that failed for good, and those that were begun again after a conflict.',
        unit: 'ops',
        queries: [
          { expr: rate('outcome', 'countersign_database_transactions_total'), legend: '{{outcome}}' },
          { expr: 'sum(rate(countersign_database_retries_total[$__rate_interval]))', legend: 'begun again' },
        ],
      },
    ],
  },
  {
    title: 'Who is slow?',
    panels: [
      {
        title: 'Runs and reads by connector',
        description: 'From first start to end, for nineteen of twenty.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'connector', 'countersign_run_seconds'), legend: '{{connector}}' }],
      },
      {
        title: 'Slowest actions',
        description: 'The ten slowest, from first start to end, for nineteen of twenty.',
        unit: 's',
        queries: [{ expr: `topk(10, ${quantile(0.95, 'action', 'countersign_run_seconds')})`, legend: '{{action}}' }],
      },
      {
        title: 'Slowest steps',
        description: 'The ten slowest, from intent to end, for nineteen of twenty.',
        unit: 's',
        queries: [{ expr: `topk(10, ${quantile(0.95, 'action', 'countersign_step_seconds')})`, legend: '{{action}}' }],
      },
      {
        title: 'Plans by connector',
        description: 'From asking for a plan to having it, for nineteen of twenty.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'connector', 'countersign_plan_seconds'), legend: '{{connector}}' }],
      },
      {
        title: 'Slowest routes',
        description: 'HTTP answers, for nineteen of twenty; some wait on purpose.',
        unit: 's',
        queries: [
          { expr: `topk(10, ${quantile(0.95, 'route', 'countersign_http_request_seconds')})`, legend: '{{route}}' },
        ],
      },
      {
        title: 'Database transactions',
        description: 'Half of those that write, and nineteen of twenty.',
        unit: 's',
        queries: [
          { expr: quantile(0.5, '', 'countersign_database_transaction_seconds'), legend: 'half' },
          { expr: quantile(0.95, '', 'countersign_database_transaction_seconds'), legend: '95 %' },
        ],
      },
      {
        title: 'Units in a transaction',
        description: 'SQLite commits many together; on Postgres it is one.',
        unit: 'short',
        queries: [
          {
            expr: 'sum(rate(countersign_database_units_total[$__rate_interval])) / sum(rate(countersign_database_transactions_total[$__rate_interval]))',
            legend: 'units',
          },
        ],
      },
      {
        title: 'Event loop',
        description: 'How late each server comes to what it was to do, for 99 of 100.',
        unit: 's',
        queries: [{ expr: 'max by (instance) (countersign_nodejs_eventloop_lag_p99_seconds)', legend: '{{instance}}' }],
      },
      {
        title: 'Processor',
        description: 'Seconds of processor time a second, by server.',
        unit: 'short',
        queries: [
          {
            expr: 'sum by (instance) (rate(countersign_process_cpu_seconds_total[$__rate_interval]))',
            legend: '{{instance}}',
          },
        ],
      },
      {
        title: 'Memory',
        description: 'Resident memory, by server.',
        unit: 'bytes',
        queries: [{ expr: 'max by (instance) (countersign_process_resident_memory_bytes)', legend: '{{instance}}' }],
      },
    ],
  },
];

import { quantile, type Row } from './panel.ts';

/** Is it well, and what waits: how the installation stands now. */
export const standingRows: readonly Row[] = [
  {
    title: 'Is it well?',
    panels: [
      {
        title: 'Servers',
        description: 'Servers that answer a scrape. One that does not is down, or its database is.',
        unit: 'none',
        shown: 'number',
        low: [1, 1],
        queries: [{ expr: 'sum(up{job=~"$job"})', legend: 'up' }],
      },
      {
        title: 'Runs in doubt',
        description:
          'Runs of which nobody knows what they did. Their targets stay locked until that is known: see the runbook run-in-doubt.',
        unit: 'none',
        shown: 'number',
        bad: [1, 1],
        queries: [
          { expr: 'sum(max by (connector) (countersign_runs_open{state="outcome_unknown"}))', legend: 'in doubt' },
        ],
      },
      {
        title: 'Workers that are silent',
        description:
          'Workers with a credential that do not speak. What only they serve waits: see the runbook worker-gone.',
        unit: 'none',
        shown: 'number',
        bad: [1, 1],
        queries: [{ expr: 'sum(1 - max by (worker) (countersign_worker_live))', legend: 'silent' }],
      },
      {
        title: 'Targets that are ready',
        description: 'Share of the targets that their workers can reach and change now.',
        unit: 'percentunit',
        shown: 'number',
        low: [1, 0.5],
        queries: [{ expr: 'avg(max by (target) (countersign_target_ready))', legend: 'ready' }],
      },
      {
        title: 'Panic',
        description: '1 while panic mode is on and nothing starts.',
        unit: 'none',
        shown: 'number',
        bad: [1, 1],
        queries: [{ expr: 'max(countersign_panic)', legend: 'panic' }],
      },
      {
        title: 'Free on the volume',
        description: 'Least share that is free on the data volume of any server.',
        unit: 'percentunit',
        shown: 'number',
        low: [0.2, 0.1],
        queries: [{ expr: 'min(countersign_volume_free_bytes / countersign_volume_size_bytes)', legend: 'free' }],
      },
      {
        title: 'Readiness of connectors',
        description: 'The worst target of each connector: 1 is ready, 0.5 degraded, 0 not to be had.',
        unit: 'none',
        queries: [
          {
            expr: 'min by (connector) (max by (connector, target) (countersign_target_ready))',
            legend: '{{connector}}',
          },
        ],
      },
      {
        title: 'Silence of workers',
        description: 'Since when each worker has not spoken. A worker speaks at least every two seconds.',
        unit: 's',
        queries: [{ expr: 'max by (worker) (countersign_worker_silent_seconds)', legend: '{{worker}}' }],
      },
      {
        title: 'Versions',
        description: 'Servers by version, and workers whose version is another than theirs.',
        unit: 'none',
        queries: [
          { expr: 'count by (version) (countersign_info)', legend: 'server {{version}}' },
          { expr: 'sum(max by (worker) (countersign_worker_skewed))', legend: 'workers of another version' },
        ],
      },
    ],
  },
  {
    title: 'What waits?',
    panels: [
      {
        title: 'Operations that are open',
        description: 'Drafts, those that are being planned, and those that wait for a decision or run.',
        unit: 'short',
        queries: [{ expr: 'max by (state) (countersign_operations_open)', legend: '{{state}}' }],
      },
      {
        title: 'Oldest operation that is open',
        description: 'By state. Old plans wait for people: `countersign ls` shows whom.',
        unit: 's',
        queries: [{ expr: 'max by (state) (countersign_operations_open_oldest_seconds)', legend: '{{state}}' }],
      },
      {
        title: 'From plan to run',
        description: 'How long people take to decide: half of the plans, and nineteen of twenty.',
        unit: 's',
        queries: [
          { expr: quantile(0.5, '', 'countersign_decision_seconds'), legend: 'half' },
          { expr: quantile(0.95, '', 'countersign_decision_seconds'), legend: '95 %' },
        ],
      },
      {
        title: 'Jobs in the queue',
        description: 'Work that no worker has taken yet, by kind.',
        unit: 'short',
        queries: [{ expr: 'sum by (kind) (max by (kind, connector) (countersign_jobs_queued))', legend: '{{kind}}' }],
      },
      {
        title: 'Oldest job in the queue',
        description: 'By kind. A run also waits while another one holds its target.',
        unit: 's',
        queries: [{ expr: 'max by (kind) (countersign_jobs_oldest_seconds)', legend: '{{kind}}' }],
      },
      {
        title: 'Time in the queue',
        description: 'From making a job to its first claim, for nineteen of twenty.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'kind', 'countersign_queue_wait_seconds'), legend: '{{kind}}' }],
      },
      {
        title: 'Targets where most waits',
        description: 'The ten targets with the oldest job.',
        unit: 's',
        queries: [{ expr: 'topk(10, max by (target) (countersign_target_jobs_oldest_seconds))', legend: '{{target}}' }],
      },
      {
        title: 'Jobs at targets',
        description: 'The ten targets with most jobs.',
        unit: 'short',
        queries: [{ expr: 'topk(10, max by (target) (countersign_target_jobs_queued))', legend: '{{target}}' }],
      },
      {
        title: 'Runs that are not over',
        description: 'By state, reads included.',
        unit: 'short',
        queries: [{ expr: 'sum by (state) (max by (state, connector) (countersign_runs_open))', legend: '{{state}}' }],
      },
      {
        title: 'Locks',
        description: 'Targets that runs hold, by connector.',
        unit: 'short',
        queries: [{ expr: 'max by (connector) (countersign_locks_held)', legend: '{{connector}}' }],
      },
      {
        title: 'Oldest lock',
        description: 'How long a run has held its target, by connector.',
        unit: 's',
        queries: [{ expr: 'max by (connector) (countersign_locks_oldest_seconds)', legend: '{{connector}}' }],
      },
      {
        title: 'Webhooks behind',
        description: 'Entries of the log that a webhook has not been told of.',
        unit: 'short',
        queries: [{ expr: 'max by (webhook) (countersign_webhook_behind)', legend: '{{webhook}}' }],
      },
    ],
  },
];

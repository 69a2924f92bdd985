import { quantile, type Row, rate } from './panel.ts';

/** Streams, what is kept for good, and models: what the product tells and is told. */
export const toldRows: readonly Row[] = [
  {
    title: 'Streams',
    panels: [
      {
        title: 'Readers',
        description: 'Readers of streams, and streams that somebody reads.',
        unit: 'short',
        queries: [
          { expr: 'sum(countersign_stream_watchers)', legend: 'readers' },
          { expr: 'sum(countersign_streams_open)', legend: 'streams' },
        ],
      },
      {
        title: 'Events',
        description: 'Lines that workers and agents said, and events that went out to readers.',
        unit: 'ops',
        queries: [
          { expr: 'sum(rate(countersign_output_events_total[$__rate_interval]))', legend: 'in' },
          { expr: 'sum(rate(countersign_stream_events_total[$__rate_interval]))', legend: 'out' },
        ],
      },
      {
        title: 'Bytes to readers',
        description: 'All streams together.',
        unit: 'Bps',
        queries: [{ expr: 'sum(rate(countersign_stream_bytes_total[$__rate_interval]))', legend: 'out' }],
      },
      {
        title: 'Readers that were dropped or refused',
        description:
          'Dropped because they were slow, refused because too many were open. The dropped resume by themselves.',
        unit: 'ops',
        queries: [
          { expr: 'sum(rate(countersign_stream_resync_total[$__rate_interval]))', legend: 'dropped' },
          { expr: 'sum(rate(countersign_stream_refused_total[$__rate_interval]))', legend: 'refused' },
        ],
      },
      {
        title: 'Streams that ended',
        description: 'By reason.',
        unit: 'ops',
        queries: [{ expr: rate('reason', 'countersign_stream_ended_total'), legend: '{{reason}}' }],
      },
      {
        title: 'Output that was cut',
        description: 'Output over the cap of its action: in streams, and in files that are kept.',
        unit: 'ops',
        queries: [{ expr: rate('what', 'countersign_output_truncated_total'), legend: '{{what}}' }],
      },
    ],
  },
  {
    title: 'Evidence and audit',
    panels: [
      {
        title: 'Entries of the audit log',
        description: 'The fifteen events that are told most.',
        unit: 'ops',
        queries: [{ expr: `topk(15, ${rate('event', 'countersign_audit_events_total')})`, legend: '{{event}}' }],
      },
      {
        title: 'Entries without a signature',
        description: 'Age of the oldest. Usual is about a second: see the runbook audit-unsigned.',
        unit: 's',
        queries: [{ expr: 'max(countersign_audit_unsigned_seconds)', legend: 'oldest' }],
      },
      {
        title: 'Size of the log',
        description: 'Entries, and how many the places outside have been given checkpoints of.',
        unit: 'short',
        queries: [
          { expr: 'max(countersign_audit_tree_size)', legend: 'entries' },
          { expr: 'max by (sink) (countersign_checkpoint_export_tree_size)', legend: '{{sink}}' },
        ],
      },
      {
        title: 'Failed exports of checkpoints',
        description: 'In a row, by place: see the runbook checkpoint-export-failing.',
        unit: 'short',
        queries: [{ expr: 'max by (sink) (countersign_checkpoint_export_failures)', legend: '{{sink}}' }],
      },
      {
        title: 'Bundles that wait to be sealed',
        description: 'Ended runs whose evidence is not sealed yet.',
        unit: 'short',
        queries: [{ expr: 'sum(max by (connector) (countersign_jobs_queued{kind="seal"}))', legend: 'bundles' }],
      },
      {
        title: 'Webhooks',
        description:
          'Events that were given up, and failed attempts at the next: see the runbook webhook-dead-letters.',
        unit: 'short',
        queries: [
          { expr: 'max by (webhook) (countersign_webhook_dead_letters)', legend: '{{webhook}} given up' },
          { expr: 'max by (webhook) (countersign_webhook_attempts)', legend: '{{webhook}} attempts' },
        ],
      },
      {
        title: 'What somebody should look at',
        description:
          'Faults of the policy files, and operations for which the glass was broken and that nobody has reviewed.',
        unit: 'short',
        queries: [
          { expr: 'max(countersign_policy_faults)', legend: 'policy faults' },
          { expr: 'max(countersign_break_glass_unreviewed)', legend: 'without review' },
        ],
      },
    ],
  },
  {
    title: 'Models',
    panels: [
      {
        title: 'Sentences',
        description: 'What planners made of what they were asked.',
        unit: 'ops',
        queries: [
          { expr: rate('planner, status', 'countersign_planner_requests_total'), legend: '{{planner}} {{status}}' },
        ],
      },
      {
        title: 'Time to answer',
        description: 'Of planners, for nineteen of twenty.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'planner', 'countersign_planner_seconds'), legend: '{{planner}}' }],
      },
      {
        title: 'Tokens',
        description: 'Tokens a second, as the providers counted.',
        unit: 'short',
        queries: [
          { expr: rate('provider, direction', 'countersign_model_tokens_total'), legend: '{{provider}} {{direction}}' },
        ],
      },
      {
        title: 'Refused for the budget',
        description: "Calls refused because the minute's tokens were used up.",
        unit: 'ops',
        queries: [{ expr: 'sum(rate(countersign_model_budget_refusals_total[$__rate_interval]))', legend: 'refused' }],
      },
    ],
  },
];

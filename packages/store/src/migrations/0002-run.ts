import type { SchemaChange } from './migration.ts';

/** Runs, their steps and artifacts, and the locks of targets. */
export const runTables: SchemaChange = {
  name: '0002_run',
  statements: ({ types: { text, integer, flag, tableOptions } }) => [
    `create table run (
      id ${text} primary key,
      operation_id ${text} not null unique references operation (id),
      state ${text} not null check (state in
        ('queued', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'outcome_unknown')),
      plan_digest ${text},
      verdict ${text},
      verdict_digest ${text},
      attempt ${integer} not null check (attempt >= 0),
      cancel_requested_at ${integer},
      failure ${text},
      summary ${text},
      created_at ${integer} not null,
      started_at ${integer},
      ended_at ${integer}
    ) ${tableOptions}`,
    `create index run_state on run (state, id)`,
    `create table step (
      run_id ${text} not null references run (id),
      step_index ${integer} not null check (step_index >= 0),
      action ${text} not null,
      state ${text} not null check (state in
        ('pending', 'intent', 'applied', 'verified', 'failed', 'unknown', 'skipped')),
      idempotency_key ${text} not null,
      before_state ${text} not null,
      guard ${text} not null,
      after_state ${text} not null,
      next_guard ${text} not null,
      failure ${text},
      intent_at ${integer},
      ended_at ${integer},
      primary key (run_id, step_index)
    ) ${tableOptions}`,
    `create table artifact (
      id ${text} primary key,
      run_id ${text} not null references run (id),
      name ${text} not null,
      media_type ${text} not null,
      size_bytes ${integer} not null check (size_bytes >= 0),
      sha256 ${text} not null,
      truncated ${flag} not null check (truncated in (0, 1)),
      created_at ${integer} not null
    ) ${tableOptions}`,
    `create index artifact_run on artifact (run_id, created_at, id)`,
    `create table target_lock (
      target ${text} primary key,
      run_id ${text} not null,
      operation_id ${text} not null references operation (id),
      acquired_at ${integer} not null
    ) ${tableOptions}`,
  ],
};

import type { SchemaChange } from './migration.ts';

/** The queue, streams, and workers. */
export const jobTables: SchemaChange = {
  name: '0003_job',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table job (
      id ${text} primary key,
      kind ${text} not null check (kind in
        ('plan', 'run', 'read', 'reconcile', 'seal', 'generate', 'chat', 'workflow')),
      subject_id ${text} not null,
      target ${text},
      state ${text} not null check (state in ('queued', 'claimed', 'done')),
      attempt ${integer} not null check (attempt >= 0),
      fence ${integer} not null check (fence >= 0),
      lease_worker ${text},
      lease_instance ${text},
      lease_expires_at ${integer},
      run_after ${integer} not null,
      payload ${text} not null,
      created_at ${integer} not null,
      check ((state = 'claimed') = (lease_worker is not null)),
      check ((state = 'claimed') = (lease_instance is not null)),
      check ((state = 'claimed') = (lease_expires_at is not null))
    ) ${tableOptions}`,
    `create index job_queued on job (created_at, id) where state = 'queued'`,
    `create index job_lease on job (lease_expires_at, id) where state = 'claimed'`,
    `create index job_subject on job (subject_id, kind)`,
    `create table stream (
      stream_key ${text} not null,
      sequence ${integer} not null check (sequence > 0),
      at ${integer} not null,
      event ${text} not null,
      primary key (stream_key, sequence)
    ) ${tableOptions}`,
    `create table worker (
      worker ${text} primary key,
      instance ${text} not null,
      version ${text} not null,
      targets ${text} not null,
      manifests ${text} not null,
      registered_at ${integer} not null,
      last_seen_at ${integer} not null
    ) ${tableOptions}`,
  ],
};

import type { SchemaChange } from './migration.ts';

/** Targets that are added while the server runs, and when a worker was last asked to look at its own. */
export const targetTables: SchemaChange = {
  name: '0028_target',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table target (
      name ${text} primary key,
      project ${text} not null,
      environment ${text} not null,
      tier ${text} not null check (tier in ('dev', 'stage', 'prod')),
      connector ${text} not null,
      worker ${text} not null,
      settings ${text} not null,
      revision ${integer} not null check (revision > 0),
      changed_by ${text} not null,
      changed_at ${integer} not null
    ) ${tableOptions}`,
    `create index target_worker on target (worker, name)`,
    `create table worker_look (
      worker ${text} primary key,
      asked_at ${integer} not null,
      answered_at ${integer} not null
    ) ${tableOptions}`,
  ],
};

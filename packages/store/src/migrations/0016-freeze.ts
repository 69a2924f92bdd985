import type { SchemaChange } from './migration.ts';

/** Frozen environments, and what was run past a freeze, a window or others' approval. */
export const freezeTables: SchemaChange = {
  name: '0016_freeze',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table environment_freeze (
      project ${text} not null,
      environment ${text} not null,
      reason ${text} not null,
      frozen_by ${text} not null,
      created_at ${integer} not null,
      until ${integer},
      primary key (project, environment)
    ) ${tableOptions}`,
    `create table break_glass (
      operation_id ${text} not null primary key references operation (id),
      broken_by ${text} not null,
      root ${text} not null,
      reason ${text} not null,
      digest ${text} not null,
      at ${integer} not null,
      stepped_up_at ${integer} not null,
      reviewed_by ${text},
      reviewer_root ${text},
      reviewed_at ${integer},
      finding ${text} check (finding in ('justified', 'not_justified')),
      comment ${text},
      check ((reviewed_at is null) = (finding is null))
    ) ${tableOptions}`,
    `create index break_glass_at on break_glass (at, operation_id)`,
    `create index break_glass_open on break_glass (at) where reviewed_at is null`,
  ],
};

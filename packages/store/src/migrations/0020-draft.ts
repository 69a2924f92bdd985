import type { SchemaChange } from './migration.ts';

/** What drafts have beside their operations, the task list, and groups of operations. */
export const draftTables: SchemaChange = {
  name: '0020_draft',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table draft (
      operation_id ${text} not null primary key references operation (id),
      prompt ${text} not null,
      generation ${text},
      created_at ${integer} not null
    ) ${tableOptions}`,
    `create table task_plan (
      revision ${integer} not null primary key check (revision > 0),
      id ${text} not null,
      title ${text} not null,
      tasks ${text} not null,
      status ${text} not null,
      changed_by ${text} not null,
      changed_at ${integer} not null
    ) ${tableOptions}`,
    `alter table operation add column group_id ${text}`,
    `create index operation_group on operation (group_id, id) where group_id is not null`,
  ],
};

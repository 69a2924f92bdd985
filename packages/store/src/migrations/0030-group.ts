import type { SchemaChange } from './migration.ts';

/** Groups of operations that run in waves. */
export const groupTable: SchemaChange = {
  name: '0030_group',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table wave_group (
      id ${text} not null primary key,
      state ${text} not null check (state in ('waiting', 'running', 'succeeded', 'stopped')),
      action ${text} not null,
      labels ${text},
      waves ${text} not null,
      begun ${integer} not null check (begun >= 0),
      requester ${text} not null,
      start ${text},
      stop ${text},
      correlation_id ${text} not null,
      created_at ${integer} not null,
      updated_at ${integer} not null,
      check ((state = 'stopped') = (stop is not null)),
      check (state not in ('running', 'succeeded') or start is not null)
    ) ${tableOptions}`,
    `create index wave_group_running on wave_group (id) where state = 'running'`,
  ],
};

import type { SchemaChange } from './migration.ts';

/** One-time tokens for confirming a plan, by the hash of their text. */
export const confirmationTable: SchemaChange = {
  name: '0015_confirmation',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table confirmation (
      hash ${text} not null primary key,
      operation_id ${text} not null references operation (id),
      principal ${text} not null,
      kind ${text} not null check (kind in ('confirm')),
      digest ${text} not null,
      created_at ${integer} not null,
      expires_at ${integer} not null,
      used_at ${integer}
    ) ${tableOptions}`,
    `create index confirmation_operation on confirmation (operation_id)`,
    `create index confirmation_expiry on confirmation (expires_at)`,
  ],
};

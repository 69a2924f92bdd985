import type { SchemaChange } from './migration.ts';

/** One-time secrets by which workers join, and the keys of those that did. */
export const enrolmentTables: SchemaChange = {
  name: '0026_enrolment',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table enrolment (
      id ${text} primary key,
      hash ${text} not null unique,
      worker ${text} not null,
      worker_scope ${text} not null,
      made_by ${text} not null,
      created_at ${integer} not null,
      expires_at ${integer} not null,
      outcome ${text} check (outcome in ('redeemed', 'revoked')),
      keyid ${text},
      closed_at ${integer},
      check ((outcome is null) = (closed_at is null))
    ) ${tableOptions}`,
    `create table worker_key (
      worker ${text} primary key,
      keyid ${text} not null unique,
      public_key ${text} not null,
      token_id ${text} not null references token (id),
      worker_scope ${text} not null,
      enrolled_at ${integer} not null
    ) ${tableOptions}`,
  ],
};

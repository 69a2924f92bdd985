import type { SchemaChange } from './migration.ts';

/** Sessions, and what is remembered between the two halves of a sign-in. */
export const sessionTables: SchemaChange = {
  name: '0012_session',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table session (
      id ${text} primary key,
      hash ${text} not null unique,
      person_id ${text} not null references person (id),
      method ${text} not null check (method in ('password', 'totp', 'passkey', 'oidc', 'invite')),
      address ${text} not null,
      user_agent ${text} not null,
      created_at ${integer} not null,
      seen_at ${integer} not null,
      expires_at ${integer} not null,
      stepped_up_at ${integer},
      ended_at ${integer}
    ) ${tableOptions}`,
    `create index session_person on session (person_id, address)`,
    `create index session_expires on session (expires_at)`,
    `create table sign_in_state (
      id ${text} primary key,
      kind ${text} not null check (kind in ('oidc', 'passkey', 'host')),
      detail ${text} not null,
      expires_at ${integer} not null
    ) ${tableOptions}`,
    `create index sign_in_state_expires on sign_in_state (expires_at)`,
  ],
};

import type { SchemaChange } from './migration.ts';

/** What people prove themselves by beside a password. */
export const factorTables: SchemaChange = {
  name: '0013_factor',
  statements: ({ types: { text, integer, bytes, tableOptions } }) => [
    `create table passkey (
      id ${text} primary key,
      person_id ${text} not null references person (id),
      name ${text} not null,
      public_key ${bytes} not null,
      counter ${integer} not null check (counter >= 0),
      transports ${text} not null,
      created_at ${integer} not null,
      last_used_at ${integer}
    ) ${tableOptions}`,
    `create index passkey_person on passkey (person_id)`,
    `create table totp (
      person_id ${text} primary key references person (id),
      name ${text} not null,
      nonce ${bytes} not null,
      ciphertext ${bytes} not null,
      created_at ${integer} not null,
      confirmed_at ${integer},
      last_step ${integer} not null
    ) ${tableOptions}`,
    // A token is as freshly proven as its last code from the host says.
    `alter table token add column stepped_up_at ${integer}`,
  ],
};

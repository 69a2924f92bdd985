import type { SchemaChange } from './migration.ts';

/** The installation's signing keys, and what of the log is known outside. */
export const proofTables: SchemaChange = {
  name: '0006_proof',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table installation_key (
      keyid ${text} primary key,
      name ${text} not null,
      public_key ${text} not null unique,
      purposes ${text} not null,
      state ${text} not null check (state in ('next', 'current', 'handing_over', 'retired')),
      from_size ${integer} check (from_size >= 0),
      until_size ${integer} check (until_size > from_size),
      statement ${text},
      checkpoint ${text},
      created_at ${integer} not null,
      check ((state = 'next') = (from_size is null)),
      check ((state = 'retired') = (until_size is not null))
    ) ${tableOptions}`,
    // At most one key is in force, and at most one waits to be.
    `create unique index installation_key_in_force on installation_key ((1)) where state in ('current', 'handing_over')`,
    `create unique index installation_key_next on installation_key ((1)) where state = 'next'`,
    `create table checkpoint_export (
      sink ${text} primary key,
      kind ${text} not null check (kind in ('file', 'git', 'webhook')),
      tree_size ${integer} not null check (tree_size >= 0),
      root_hash ${text} not null,
      state ${text} not null check (state in ('ok', 'failing')),
      failures ${integer} not null check (failures >= 0),
      error ${text},
      changed_at ${integer} not null,
      exported_at ${integer}
    ) ${tableOptions}`,
  ],
};

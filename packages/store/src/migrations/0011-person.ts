import type { SchemaChange } from './migration.ts';

/** People, and the one-time links that make them. */
export const personTables: SchemaChange = {
  name: '0011_person',
  statements: ({ types: { text, integer, flag, tableOptions } }) => [
    `create table person (
      id ${text} primary key,
      name ${text} not null unique,
      grants ${text} not null,
      approver_groups ${text} not null,
      state ${text} not null check (state in ('active', 'disabled')),
      password_hash ${text},
      issuer ${text},
      subject ${text},
      invited_by ${text} not null,
      created_at ${integer} not null,
      signed_in_at ${integer},
      check ((issuer is null) = (subject is null)),
      unique (issuer, subject)
    ) ${tableOptions}`,
    // Two people are never told apart by a capital letter alone.
    `create unique index person_name_any_case on person (lower(name))`,
    `create table invite (
      id ${text} primary key,
      hash ${text} not null unique,
      kind ${text} not null check (kind in ('join', 'reset')),
      name ${text} not null,
      grants ${text} not null,
      approver_groups ${text} not null,
      clears_factors ${flag} not null check (clears_factors in (0, 1)),
      invited_by ${text} not null,
      created_at ${integer} not null,
      expires_at ${integer} not null,
      outcome ${text} check (outcome in ('redeemed', 'revoked', 'expired')),
      closed_at ${integer},
      check ((outcome is null) = (closed_at is null))
    ) ${tableOptions}`,
    `create index invite_open on invite (expires_at) where outcome is null`,
  ],
};

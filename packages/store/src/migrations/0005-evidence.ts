import type { SchemaChange } from './migration.ts';

/** Bundles with their files, and tokens. */
export const evidenceTables: SchemaChange = {
  name: '0005_evidence',
  statements: ({ types: { text, integer, flag, bytes, tableOptions } }) => [
    `create table evidence (
      bundle_id ${text} primary key,
      operation_id ${text} not null unique references operation (id),
      state ${text} not null check (state in ('open', 'sealing', 'sealed', 'anchored')),
      manifest_hash ${text},
      audit_entry_id ${text},
      folder ${text},
      sealed_at ${integer}
    ) ${tableOptions}`,
    `create index evidence_state on evidence (state, bundle_id)`,
    `create table evidence_file (
      bundle_id ${text} not null references evidence (bundle_id),
      path ${text} not null,
      content ${bytes} not null,
      primary key (bundle_id, path)
    ) ${tableOptions}`,
    `create table token (
      id ${text} primary key,
      hash ${text} not null unique,
      name ${text} not null,
      kind ${text} not null check (kind in ('person', 'service', 'agent', 'worker')),
      role ${text} not null check (role in ('viewer', 'actions', 'approver', 'admin', 'worker')),
      principal ${text} not null,
      root ${text} not null,
      ai ${flag} not null check (ai in (0, 1)),
      parent ${text} references token (id),
      created_at ${integer} not null,
      expires_at ${integer},
      revoked_at ${integer},
      last_used_at ${integer},
      use_count ${integer} not null check (use_count >= 0)
    ) ${tableOptions}`,
    `create index token_parent on token (parent) where parent is not null`,
  ],
};

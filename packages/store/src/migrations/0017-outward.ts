import type { SchemaChange } from './migration.ts';

/** What goes out: how far webhooks are, what they did not take, of what people were reminded; and searches of the audit by time and outcome. */
export const outwardTables: SchemaChange = {
  name: '0017_outward',
  statements: ({ types: { text, integer, flag, tableOptions } }) => [
    `create table webhook (
      name ${text} primary key,
      cursor ${integer} not null check (cursor >= 0),
      attempts ${integer} not null check (attempts >= 0),
      state ${text} not null check (state in ('ok', 'failing')),
      error ${text},
      changed_at ${integer} not null,
      delivered_at ${integer},
      next_at ${integer} not null,
      holder ${text},
      held_until ${integer} not null
    ) ${tableOptions}`,
    `create table webhook_letter (
      webhook ${text} not null,
      entry_id ${text} not null,
      leaf_index ${integer} not null check (leaf_index >= 0),
      event ${text} not null,
      attempts ${integer} not null check (attempts > 0),
      error ${text} not null,
      died_at ${integer} not null,
      queued ${flag} not null check (queued in (0, 1)),
      primary key (webhook, entry_id)
    ) ${tableOptions}`,
    `create index webhook_letter_leaf on webhook_letter (webhook, leaf_index)`,
    `create table approval_reminder (
      operation_id ${text} not null references operation (id),
      revision ${integer} not null,
      reason ${text} not null check (reason in ('waiting', 'expiring')),
      at ${integer} not null,
      primary key (operation_id, revision, reason)
    ) ${tableOptions}`,
    `create index audit_at on audit (at)`,
    // Almost every entry is "ok": who asks for that reads the log anyway.
    `create index audit_not_ok on audit (outcome, leaf_index) where outcome <> 'ok'`,
  ],
};

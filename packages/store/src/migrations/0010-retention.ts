import type { SchemaChange } from './migration.ts';

/** Digests and sizes of content that retention measured or took. */
export const retentionTables: SchemaChange = {
  name: '0010_retention',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table kept_content (
      kind ${text} not null check (kind in ('artifact', 'output')),
      id ${text} not null,
      sha256 ${text} not null check (length(sha256) = 64),
      size_bytes ${integer} not null check (size_bytes >= 0),
      measured_at ${integer} not null,
      removed_at ${integer},
      primary key (kind, id)
    ) ${tableOptions}`,
    `create index kept_content_standing on kept_content (kind, id) where removed_at is null`,
  ],
};

import type { SchemaChange } from './migration.ts';

/** How much each writer of a stream has said, not the newest alone: what an earlier one kept back may come late. */
export const streamWritersTable: SchemaChange = {
  name: '0027_stream_writers',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table stream_writers (
      stream_key ${text} not null,
      writer ${text} not null,
      appended ${integer} not null check (appended > 0),
      primary key (stream_key, writer)
    ) ${tableOptions}`,
    `insert into stream_writers (stream_key, writer, appended) select stream_key, writer, appended from stream_writer`,
    `drop table stream_writer`,
    `alter table stream_writers rename to stream_writer`,
  ],
};

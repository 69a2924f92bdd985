import type { SchemaChange } from './migration.ts';

/** How much of its output the newest writer of a stream has said, so that a repeat is known as one. */
export const streamWriterTable: SchemaChange = {
  name: '0008_stream_writer',
  statements: ({ types: { text, integer, tableOptions } }) => [
    `create table stream_writer (
      stream_key ${text} primary key,
      writer ${text} not null,
      appended ${integer} not null check (appended > 0)
    ) ${tableOptions}`,
  ],
};

import type { SchemaChange } from './migration.ts';

/**
 * Broken glass as it was signed, and what policy demanded of a run before any decision counted. Rows from before have
 * neither: such glass allows nothing.
 */
export const signedWordColumns: SchemaChange = {
  name: '0019_signed_word',
  statements: ({ types: { text } }) => [
    `alter table break_glass add column statement ${text}`,
    `alter table break_glass add column envelope ${text}`,
    `alter table run add column demanded ${text}`,
  ],
};

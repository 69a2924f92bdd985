import type { SchemaChange } from './migration.ts';

/** From where tokens are used, day by day. */
export const tokenUseTable: SchemaChange = {
  name: '0018_token_use',
  statements: ({ types: { text, integer, flag, tableOptions } }) => [
    `create table token_use (
      token_id ${text} not null references token (id),
      day ${integer} not null,
      address ${text} not null,
      uses ${integer} not null check (uses > 0),
      first_at ${integer} not null,
      last_at ${integer} not null,
      told ${flag} not null check (told in (0, 1)),
      primary key (token_id, address, day)
    ) ${tableOptions}`,
    `create index token_use_untold on token_use (day) where told = 0`,
  ],
};

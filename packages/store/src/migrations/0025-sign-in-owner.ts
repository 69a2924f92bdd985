import type { SchemaChange } from './migration.ts';

/** Whose each half-finished sign-in is, so that nobody's takes the room of others. */
export const signInOwnerColumn: SchemaChange = {
  name: '0025_sign_in_owner',
  statements: ({ types: { text } }) => [
    `alter table sign_in_state add column owner ${text} not null default ''`,
    `create index sign_in_state_owner on sign_in_state (kind, owner, expires_at)`,
  ],
};

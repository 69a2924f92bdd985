import type { SchemaChange } from './migration.ts';

/** Where a token's role holds, its groups of approvers and its scopes. Tokens from before hold everywhere, as they did. */
export const grantColumns: SchemaChange = {
  name: '0014_grant',
  statements: ({ types: { text } }) => [
    `alter table token add column grants ${text} not null default '[]'`,
    `alter table token add column approver_groups ${text} not null default '[]'`,
    `alter table token add column scopes ${text}`,
    `update token set grants = '[{"environment":"*","project":"*","role":"' || role || '"}]' where role <> 'worker'`,
  ],
};

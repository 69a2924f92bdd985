import { z } from 'zod';
import { EpochMs, Name } from '../scalar/scalar.ts';
import { Grant, GrantRole } from '../token/grant.ts';

const unique = <Item>(items: readonly Item[]): boolean =>
  new Set(items.map((item) => JSON.stringify(item))).size === items.length;

/** Roles of a person by project and environment; at least one. */
export const PersonGrants = z.array(Grant).min(1).max(100).refine(unique, 'each grant once');
/** Groups of approvers that a person belongs to. */
export const PersonGroups = z.array(Name).max(50).refine(unique, 'each group once');

/** Somebody who may sign in. */
export const PersonView = z.strictObject({
  name: Name,
  /** The highest role anywhere. */
  role: GrantRole.nullable(),
  grants: z.array(Grant),
  groups: z.array(Name),
  state: z.enum(['active', 'disabled']),
  /** How they can prove who they are. */
  proofs: z.strictObject({
    password: z.boolean(),
    /** The issuer that knows them. */
    issuer: z.string().nullable(),
    totp: z.boolean(),
    passkeys: z.int().nonnegative(),
  }),
  invited_by: z.string(),
  created_at: EpochMs,
  signed_in_at: EpochMs.nullable(),
});
export type PersonView = z.infer<typeof PersonView>;

export const PersonGrantRequest = z.strictObject({ grants: PersonGrants, groups: PersonGroups });
export type PersonGrantRequest = z.infer<typeof PersonGrantRequest>;

/** What ended with a person's access. */
export const PersonEnded = z.strictObject({
  person: PersonView,
  sessions: z.int().nonnegative(),
  tokens: z.int().nonnegative(),
});
export type PersonEnded = z.infer<typeof PersonEnded>;

import { z } from 'zod';
import { PersonGrants, PersonGroups } from '../person/person.ts';
import { EpochMs, Name, Uuid } from '../scalar/scalar.ts';
import { Grant } from '../token/grant.ts';

/** The secret of a one-time link: 256 random bits. */
export const InviteSecret = z
  .string()
  .regex(/^csi_[A-Za-z0-9_-]{43}$/, 'expected the part of the link after "invite="');

const monthMs = 30 * 86_400_000;
const ExpiresIn = z.int().min(60_000).max(monthMs).optional();

export const InviteCreateRequest = z.strictObject({
  /** The person's name, the root of everything that they will make. */
  name: Name,
  grants: PersonGrants,
  groups: PersonGroups.default([]),
  expires_in_ms: ExpiresIn,
});
export type InviteCreateRequest = z.infer<typeof InviteCreateRequest>;

export const PersonResetRequest = z.strictObject({
  /** Takes away passkeys and TOTP too, for somebody who lost them. */
  clear_factors: z.boolean().default(false),
  expires_in_ms: ExpiresIn,
});
export type PersonResetRequest = z.infer<typeof PersonResetRequest>;

/** A one-time link without its secret. `join` makes a person, `reset` gives one a new password. */
export const InviteView = z.strictObject({
  invite_id: Uuid,
  kind: z.enum(['join', 'reset']),
  name: Name,
  grants: z.array(Grant),
  groups: z.array(Name),
  clear_factors: z.boolean(),
  invited_by: z.string(),
  created_at: EpochMs,
  expires_at: EpochMs,
  state: z.enum(['open', 'redeemed', 'revoked', 'expired']),
  closed_at: EpochMs.nullable(),
});
export type InviteView = z.infer<typeof InviteView>;

/** The only answer that ever carries the link. */
export const InviteCreated = InviteView.extend({ link: z.string() });
export type InviteCreated = z.infer<typeof InviteCreated>;

/** What whoever holds a link is told before they redeem it. */
export const InviteOffer = z.strictObject({
  kind: z.enum(['join', 'reset']),
  name: Name,
  grants: z.array(Grant),
  expires_at: EpochMs,
});
export type InviteOffer = z.infer<typeof InviteOffer>;

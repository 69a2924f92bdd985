import type { Grant } from '@countersign/protocol';

/** A one-time link: `join` makes a person, `reset` gives one a new password. Only the SHA-256 of its secret is kept. */
export interface Invite {
  readonly id: string;
  readonly hash: string;
  readonly kind: 'join' | 'reset';
  /** Name of the person that it makes or resets. */
  readonly name: string;
  /** What the person gets; empty for a reset. */
  readonly grants: readonly Grant[];
  readonly groups: readonly string[];
  /** A reset that takes away passkeys and TOTP as well, for somebody who lost them. */
  readonly clearsFactors: boolean;
  /** Root of whoever made it. */
  readonly invitedBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly outcome: 'redeemed' | 'revoked' | 'expired' | null;
  readonly closedAt: number | null;
}
export interface InviteReads {
  byHash(hash: string): Promise<Invite | null>;
  get(id: string): Promise<Invite | null>;
  /** Newest first. */
  list(limit: number): Promise<Invite[]>;
  /** Open ones whose time is over. */
  expired(now: number, limit: number): Promise<Invite[]>;
}
export interface InviteWrites extends InviteReads {
  insert(invite: Invite): Promise<void>;
  /** Closes an open one; false when it was closed before. Of concurrent units one gets true. */
  close(id: string, outcome: 'redeemed' | 'revoked' | 'expired', at: number): Promise<boolean>;
  /** Takes back every open one; answers how many. */
  revokeAll(at: number): Promise<number>;
}

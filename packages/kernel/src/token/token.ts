import type { Grant, PrincipalKind, Role, Scope } from '@countersign/protocol';

/** A bearer token with the principal it stands for. Only the SHA-256 of its text is kept. */
export interface Token {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly kind: PrincipalKind;
  /** The highest role anywhere. */
  readonly role: Role;
  readonly grants: readonly Grant[];
  /** Groups of approvers; people only. */
  readonly groups: readonly string[];
  /** What it is narrowed to; null for all that the role allows. */
  readonly scopes: readonly Scope[] | null;
  readonly principal: string;
  readonly root: string;
  readonly ai: boolean;
  /** The token that made this one; null for the first. */
  readonly parent: string | null;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly lastUsedAt: number | null;
  readonly useCount: number;
  /** When its holder last proved afresh who they are. */
  readonly steppedUpAt: number | null;
}
export interface TokenReads {
  byHash(hash: string): Promise<Token | null>;
  get(id: string): Promise<Token | null>;
  list(): Promise<Token[]>;
  count(): Promise<number>;
  /** Names of workers with a token that is valid at `now`. */
  workersAt(now: number): Promise<string[]>;
  /** Those of these tokens that are not valid any more at `now`: revoked, run out, or gone. */
  endedOf(ids: readonly string[], now: number): Promise<string[]>;
}
export interface TokenWrites extends TokenReads {
  insert(token: Token): Promise<void>;
  save(token: Token): Promise<void>;
  /** Notes a fresh proof; false for a token that is gone or revoked. */
  stepUp(id: string, at: number): Promise<boolean>;
  touch(id: string, at: number, uses: number): Promise<void>;
}
